namespace Comparison;

/// <summary>All measured rounds by workload and contender, and the medians over them.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Workload, string Contender), List<Round>> _rounds = [];

    public IReadOnlyDictionary<(string Workload, string Contender), List<Round>> Rounds => _rounds;

    public void Add(string workload, string contender, Round round)
    {
        if (!_rounds.TryGetValue((workload, contender), out List<Round>? rounds))
        {
            _rounds[(workload, contender)] = rounds = [];
        }
        rounds.Add(round);
    }

    /// <summary>Null when that contender did not run.</summary>
    public double? Median(Measure measure, string contender)
    {
        if (!_rounds.TryGetValue((measure.Workload, contender), out List<Round>? rounds))
        {
            return null;
        }
        double[] values = [.. rounds.Select(measure.Value).Order()];
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>This SDK divided by AMQPNetLite; null unless both ran.</summary>
    public double? Ratio(Measure measure) => Median(measure, Contenders.Ours) / Median(measure, Contenders.NetLite);
}
