using System.Net;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class ServiceCapTests(ITestOutputHelper output)
{
    private static readonly IPAddress s_one = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress s_other = IPAddress.Parse("10.0.0.2");

    [Fact]
    public void An_address_beyond_its_share_is_refused_and_others_are_not()
    {
        var cap = new ServiceCap("test", max: 10, perAddressMax: 2);
        var first = cap.TryEnter(s_one, out _);
        Assert.NotNull(cap.TryEnter(s_one.MapToIPv6(), out _));
        Assert.Null(cap.TryEnter(s_one, out var refusal));
        Assert.Equal("2 from this address are open already", refusal);
        Assert.NotNull(cap.TryEnter(s_other, out _));
        Assert.Equal(new("test", 3, 10, 2, 1, 0), cap.Use);
        first!.Dispose();
        first.Dispose();
        Assert.NotNull(cap.TryEnter(s_one, out _));
    }

    [Fact]
    public void A_network_of_IPv6_counts_as_one_address()
    {
        var cap = new ServiceCap("test", max: 10, perAddressMax: 1);
        Assert.NotNull(cap.TryEnter(IPAddress.Parse("2001:db8:0:1::1"), out _));
        Assert.Null(cap.TryEnter(IPAddress.Parse("2001:db8:0:1:ffff::2"), out _));
        Assert.NotNull(cap.TryEnter(IPAddress.Parse("2001:db8:0:2::1"), out _));
    }

    [Fact]
    public void When_all_places_are_taken_the_oldest_that_did_nothing_gives_way()
    {
        var cap = new ServiceCap("test", max: 3);
        var ended = new List<string>();
        var places = new[] { "a", "b", "c" }
            .Select(name =>
            {
                var place = cap.TryEnter(s_one, out _)!;
                place.OnEvicted(() => ended.Add(name));
                return place;
            })
            .ToArray();
        places[0].SetIdle(isIdle: false);
        Assert.NotNull(cap.TryEnter(s_other, out _, mayBeEvicted: false));
        Assert.Equal(["b"], ended);
        Assert.NotNull(cap.TryEnter(s_other, out _, mayBeEvicted: false));
        Assert.Equal(["b", "c"], ended);
        Assert.Null(cap.TryEnter(s_other, out var refusal));
        Assert.Equal("3 are open already", refusal);
        // Whoever gave way does not give its place back twice.
        places[1].Dispose();
        Assert.Equal(new("test", 3, 3, 0, 1, 2), cap.Use);
        // Back to doing nothing.
        places[0].SetIdle(isIdle: true);
        Assert.NotNull(cap.TryEnter(s_other, out _));
        Assert.Equal(["b", "c", "a"], ended);
    }

    [Fact]
    public void Whoever_says_too_late_how_it_ends_is_ended_at_once()
    {
        var cap = new ServiceCap("test", max: 1);
        var place = cap.TryEnter(s_one, out _)!;
        Assert.NotNull(cap.TryEnter(s_one, out _));
        var ended = false;
        place.OnEvicted(() => ended = true);
        Assert.True(ended);
    }

    [Fact]
    public void Counts_come_out_right_whatever_happens()
    {
        var random = Seed.New(output);
        var cap = new ServiceCap("test", max: 20, perAddressMax: 5);
        var places = new List<ServiceCap.Place>();
        for (var i = 0; i < 20_000; i++)
        {
            switch (random.Next(4))
            {
                case 0 or 1 when cap.TryEnter(new IPAddress([10, 0, 0, (byte)random.Next(8)]), out _) is { } entered:
                    entered.OnEvicted(() => places.Remove(entered));
                    places.Add(entered);
                    break;
                case 2 when places.Count > 0:
                    var leaving = places[random.Next(places.Count)];
                    places.Remove(leaving);
                    leaving.Dispose();
                    break;
                case 3 when places.Count > 0:
                    places[random.Next(places.Count)].SetIdle(random.Next(2) == 0);
                    break;
            }
            Assert.Equal(places.Count, cap.Use.Open);
            Assert.InRange(places.Count, 0, 20);
        }
        Assert.True(cap.Use is { Refused: > 0, Evicted: > 0 });
    }
}
