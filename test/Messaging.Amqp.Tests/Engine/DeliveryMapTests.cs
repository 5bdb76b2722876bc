using CsCheck;
using Messaging.Amqp.Engine;

namespace Messaging.Amqp.Tests.Engine;

public class DeliveryMapTests
{
    [Fact]
    public void AnyOperations_BehaveLikeADictionary()
    {
        Gen<uint> ids = Gen.OneOf(Gen.UInt[0, 40], Gen.UInt[0xffff_ffe0, uint.MaxValue], Gen.UInt[0, 8].Select(i => i * 64), Gen.UInt[0, 400].Select(i => i << 16));
        Gen.Select(Gen.Int[0, 3], ids, ids).Array[0, 500].Sample(operations =>
        {
            DeliveryMap<object> map = new();
            Dictionary<uint, object> model = [];
            foreach ((int operation, uint id, uint other) in operations)
            {
                Apply(map, model, operation, id, other);
                Assert.Equal(model.Count, map.Count);
            }

            uint[] all = [];
            int count = map.CollectAll(ref all);
            Assert.Equal(model.Keys.Order(), all[..count].Order());
            Assert.All(model, pair => Assert.True(map.TryGet(pair.Key, out object? value) && ReferenceEquals(value, pair.Value)));
        });
    }

    [Fact]
    public void Collect_AfterABurst_CostsWhatIsLeft()
    {
        DeliveryMap<object> map = new();
        for (uint id = 0; id < 100_000; id++)
        {
            map.TryAdd(id, map);
        }

        for (uint id = 1; id < 100_000; id++)
        {
            map.Remove(id);
        }

        uint[] ids = [];
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal(1, map.Collect(0, int.MaxValue, ref ids));
        }

        Assert.True(map.TryGet(0, out _));
    }

    [Fact]
    public void Ids_ThatAllCollide_AreScattered()
    {
        DeliveryMap<object> map = new();
        for (uint i = 0; i < 4_000; i++)
        {
            Assert.True(map.TryAdd(i << 20, map));
        }

        Assert.True(map.IsScattered);
        Assert.All(Enumerable.Range(0, 4_000), i => Assert.True(map.Remove((uint)i << 20)));
        Assert.Equal(0, map.Count);
    }

    [Fact]
    public void Id_ThatMovesALongRun_ScattersIt()
    {
        DeliveryMap<object> map = new();
        for (uint id = 0; id < 1_000; id++)
        {
            map.TryAdd(id, map);
        }

        Assert.True(map.TryAdd(1 << 30, map));

        Assert.True(map.IsScattered);
        Assert.All(Enumerable.Range(0, 1_000), id => Assert.True(map.TryGet((uint)id, out _)));
    }

    [Fact]
    public void Ids_InSequence_KeepTheirOrder()
    {
        DeliveryMap<object> map = new();
        uint oldest = uint.MaxValue - 5_000; // it wraps
        for (uint i = 0; i < 20_000; i++)
        {
            map.TryAdd(unchecked(oldest + i), map);
            if (i >= 2_000 && i % 500 != 0)
            {
                map.Remove(unchecked(oldest + i - 2_000)); // some are left behind
            }
        }

        Assert.False(map.IsScattered);
    }

    private static void Apply(DeliveryMap<object> map, Dictionary<uint, object> model, int operation, uint id, uint other)
    {
        object value = new();
        switch (operation)
        {
            case 0 or 1:
                Assert.Equal(model.TryAdd(id, value), map.TryAdd(id, value));
                break;
            case 2:
                Assert.Equal(model.Remove(id), map.Remove(id));
                break;
            default:
                uint[] ids = [];
                int count = map.Collect(id, other, ref ids);
                IEnumerable<uint> expected = SerialNumber.Distance(id, other) < 0 ? [] : model.Keys.Where(key => unchecked(key - id) <= unchecked(other - id)).OrderBy(key => unchecked(key - id));
                Assert.Equal(expected, ids[..count]);
                break;
        }
    }
}
