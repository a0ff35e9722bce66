using Hatchery.Boot.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class DiscoverGateTests(ITestOutputHelper output)
{
    private static readonly MacAddress s_real = new(0x525400000001);
    private readonly ManualTime _time = new();

    [Fact]
    public void A_crowd_passes_at_once_and_after_it_so_many_a_second()
    {
        var gate = new DiscoverGate(10, 1000, _time);
        Assert.Equal(1000, Admitted(gate, 0, 1500));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(20, Admitted(gate, 2000, 100));
    }

    [Fact]
    public void In_a_flood_a_machine_passes_when_it_asks_again()
    {
        var gate = new DiscoverGate(10, 20, _time);
        Admitted(gate, 0, 100);
        Assert.False(gate.Admits(s_real));
        Assert.False(gate.Admits(s_real));
        for (var i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            Admitted(gate, 1000 + (1000 * i), 1000);
        }
        Assert.True(gate.Admits(s_real));
    }

    [Fact]
    public void In_a_flood_a_machine_that_took_an_address_before_passes_at_once()
    {
        var gate = new DiscoverGate(10, 20, _time);
        gate.Knows(s_real);
        Admitted(gate, 0, 100);
        Assert.True(gate.Admits(s_real));
    }

    [Fact]
    public void A_flood_of_any_kind_is_let_through_at_no_more_than_both_rates()
    {
        var random = Seed.New(output);
        var gate = new DiscoverGate(10, 20, _time);
        var admitted = 0;
        for (var i = 0; i < 100_000; i++)
        {
            admitted += gate.Admits(new MacAddress((ulong)random.Next(1, 2000))) ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(0.1));
        }
        Assert.InRange(admitted, 1, 2 * (20 + 100 + 1));
    }

    private static int Admitted(DiscoverGate gate, int first, int count) =>
        Enumerable.Range(first, count).Count(i => gate.Admits(new MacAddress(0x020000000000 + (ulong)i)));
}
