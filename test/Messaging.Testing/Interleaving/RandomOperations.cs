using System.Collections.Concurrent;
using Messaging.Testing.Accounting;

namespace Messaging.Testing.Interleaving;

/// <summary>One interleaving: which call begins when, which is cancelled and when the connection is dropped, all decided by a seed.</summary>
/// <remarks>Every call must end within its bound, only with exceptions that are documented, and no message may be lost.</remarks>
public sealed partial class RandomOperations
{
    private const int Slots = 2;

    private readonly InterleavingSetup _setup;
    private readonly Random _random;
    private readonly Journal _journal;
    private readonly string _address;
    private readonly string _title;
    private readonly List<PendingOperation> _operations = [];
    private readonly ISender?[] _senders = new ISender?[Slots];
    private readonly IReceiver?[] _receivers = new IReceiver?[Slots];
    private readonly ConcurrentQueue<(IDelivery Delivery, IReceiver From)> _deliveries = [];
    private readonly Endings _endings = new();
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<IReceiver, object> _manual = [];
    private IConnection _connection = null!;
    private int _drops;

    private RandomOperations(InterleavingSetup setup, int seed, int index)
    {
        _setup = setup;
        _random = Seed.Random(seed, index);
        _journal = new Journal(seed);
        _address = setup.Address(index);
        _title = $"{Seed.Variable}={seed}, interleaving {index}";
    }

    /// <summary>Runs many interleavings, each from the seed and its number alone.</summary>
    /// <param name="setup">What they run against.</param>
    /// <param name="seed">Printed with each failure.</param>
    /// <param name="count">How many.</param>
    /// <param name="first">The number of the first: to repeat the one that failed.</param>
    /// <param name="sums">Where to add them; null for new ones.</param>
    public static async Task<InterleavingSums> RunAsync(InterleavingSetup setup, int seed, int count, int first = 0, InterleavingSums? sums = null)
    {
        sums ??= new InterleavingSums();
        for (int index = first; index < first + count; index++)
            await new RandomOperations(setup, seed, index).RunAsync(sums);
        return sums;
    }

    private async Task RunAsync(InterleavingSums sums)
    {
        _connection = await Await(_setup.Connect(CancellationToken.None).AsTask(), "connect");
        _senders[0] = await Await(_connection.CreateSenderAsync(_address).AsTask(), "the first sender");
        _receivers[0] = await Await(_connection.CreateReceiverAsync(_address).AsTask(), "the first receiver");
        for (int step = 0; step < _setup.Steps; step++)
            await StepAsync();
        await EndAsync();
        JournalReport report = await CountTheRestAsync();
        sums.Add(report, _operations, _drops);
    }

    /// <summary>Begins a call, or lets those that were begun go on.</summary>
    private async Task StepAsync()
    {
        int what = _random.Next(100);
        if (what < 60)
            Begin();
        else if (what < 68)
            Cancel();
        else if (what < 69)
            Drop();
        else if (what < 90 && _operations.Count > 0)
            await _setup.Schedule.TurnsAsync(1000, _operations[_random.Next(_operations.Count)].Ended);
        else
            await _setup.Schedule.TurnsAsync(_random.Next(50));
    }

    private void Begin()
    {
        int slot = _random.Next(Slots);
        (string name, Func<PendingOperation, Task> call) = Choose(slot, _random.Next(100), _random.Next(int.MaxValue));
        CancellationTokenSource? cancellation = _random.Next(2) == 0 ? new CancellationTokenSource() : null;
        var operation = new PendingOperation(_operations.Count, name, cancellation, _setup, _endings);
        operation.Use(_connection);
        _operations.Add(operation);
        _setup.Schedule.Note($"{operation.Number} {name}");
        _setup.Schedule.Begin(() => operation.Begin(call));
    }

    private void Drop()
    {
        if (_setup.Drop is null)
            return;
        _drops++;
        _setup.Schedule.Note("drop");
        _setup.Drop(_random);
    }

    private void Cancel()
    {
        PendingOperation[] cancellable = [.. _operations.Where(operation => operation.Cancellation is not null)];
        if (cancellable.Length > 0)
            cancellable[_random.Next(cancellable.Length)].Cancellation!.Cancel();
    }

    /// <summary>Ends the connection in one of the possible ways; nothing that was begun may outlive it.</summary>
    private async Task EndAsync()
    {
        int how = _random.Next(4);
        _setup.Schedule.Note($"end by {how}");
        _endings.Ending(_connection);
        if (how == 0)
            Drop();
        Task ending = how switch
        {
            1 => _connection.CloseAsync().AsTask(),
            2 => _connection.CloseAsync(_setup.CloseDeadline).AsTask(),
            _ => _connection.DisposeAsync().AsTask(),
        };
        await Await(ending, "the end of the connection");
        await Await(_connection.DisposeAsync().AsTask(), "the disposal of the connection");
        await Await(_connection.Closed, "Closed of the connection");
        await Await(Task.WhenAll(_operations.Select(operation => operation.Ended)), "the calls that were pending");
        foreach (ILink? link in _senders.Concat<ILink?>(_receivers))
        {
            if (link is not null)
                await Await(Task.WhenAll(link.DisposeAsync().AsTask(), link.Closed), $"the end of link {link.Name}");
        }

        foreach (PendingOperation operation in _operations)
            Assert.True(operation.Surprise is null, Failure($"Call {operation.Number} ended with what nobody may see: {operation.Surprise}"));
    }

    /// <summary>What the calls did not receive must still be there.</summary>
    private async Task<JournalReport> CountTheRestAsync()
    {
        IConnection connection = await Await(_setup.ConnectDirectly(CancellationToken.None).AsTask(), "connect to count");
        IReceiver receiver = await Await(connection.CreateReceiverAsync(_address, new ReceiverOptions { CreditWindow = 0 }).AsTask(), "the receiver that counts");
        long start = _setup.Schedule.Time.GetTimestamp();
        do
        {
            await Await(receiver.AddCreditAsync(1000).AsTask(), "credit to count");
            await Await(receiver.DrainAsync().AsTask(), "drain to count");
            while (receiver.TryReceive(out IDelivery? delivery))
            {
                Book(delivery);
                await Await(delivery.AcceptAsync().AsTask(), "accept to count");
                delivery.Dispose();
            }
        }
        while (_journal.Report().Lost > 0 && _setup.Schedule.Time.GetElapsedTime(start) < _setup.ReturnBound);

        await Await(connection.DisposeAsync().AsTask(), "the end of the count");
        JournalReport report = _journal.Report();
        Assert.True(report.Offences == 0, Failure(report.ToString()));
        return report;
    }

    private async Task<T> Await<T>(Task<T> task, string what)
    {
        await Await((Task)task, what);
        return await task;
    }

    private async Task Await(Task task, string what)
    {
        try
        {
            await _setup.Schedule.UntilAsync(task, _setup.Bound);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail(Failure($"{what} did not come within {_setup.Bound.TotalSeconds} s."));
        }
    }

    private string Failure(string what) => $"{_title}: {what}\n{string.Join('\n', _operations)}";
}
