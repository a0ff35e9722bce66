using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class SessionPlacementTests
{
    private readonly ManualTime _time = new();
    private readonly DeviceReturns _returns;
    private readonly Dictionary<string, KnownServer> _servers;
    private string? _given;
    private SessionRow _row = new(
        default,
        3,
        new(2),
        SessionPhase.Open,
        default,
        "a",
        ["a", "b"],
        [default, new(Guid.NewGuid())]
    );

    public SessionPlacementTests()
    {
        _returns = new(_time);
        _servers = new[] { "a", "b", "c", "d" }.ToDictionary(
            n => n,
            n => FarmFixture.Server(n),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public void The_streamer_itself_goes_on_and_so_does_a_member_that_does_not_hear_it()
    {
        Assert.Equal("here", At("a"));
        Assert.Equal("here", At("b"));
    }

    [Fact]
    public void A_member_that_hears_the_streamer_sends_the_device_there_once_and_takes_it_when_it_comes_back()
    {
        Assert.Equal("a", At("b", hears: true));
        _returns.Sent("a");
        _returns.Came("b");
        Assert.Equal("here", At("b", hears: true));
        _time.Advance(DeviceReturns.Window);
        Assert.Equal("a", At("b", hears: true));
    }

    [Fact]
    public void A_streamer_that_has_not_opened_its_session_keeps_no_member_from_taking_the_device()
    {
        _row = _row with { Phase = SessionPhase.Opening };
        Assert.Equal("here", At("b", hears: true));
    }

    [Fact]
    public void Any_other_server_sends_the_device_to_a_member_that_hears_the_streamer_and_to_the_next_as_often_as_it_comes_back()
    {
        _row = _row with { Members = ["a", "b", "d"] };
        foreach (var expected in (string[])["b", "d", "a", "b", "d"])
        {
            _returns.Came("c");
            Assert.Equal(expected, At("c"));
            _returns.Sent(expected);
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public void Where_the_device_came_to_it_is_sent_again()
    {
        _returns.Sent("b");
        _returns.Came("b");
        Assert.Equal("b", At("c"));
    }

    [Fact]
    public void Silent_members_are_passed_over_and_with_none_left_there_is_nowhere_to_go()
    {
        Silence("a");
        Assert.Equal("b", At("c"));
        Silence("b");
        Assert.Equal("nowhere", At("c"));
    }

    [Fact]
    public void A_draining_member_comes_after_the_others()
    {
        _row = _row with { Members = ["a", "b", "d"] };
        Drain("b");
        Silence("a");
        Assert.Equal("d", At("c"));
    }

    [Fact]
    public void From_a_streamer_that_drains_a_device_goes_to_the_least_loaded_member_that_can_take_it()
    {
        _row = _row with { Members = ["a", "b", "c", "d"] };
        Drain("a");
        Drain("b");
        _servers["c"] = FarmFixture.Server("c", devices: 3);
        foreach (var login in (string[])["a", "b", "c", "e"])
            Assert.Equal("d", At(login, hears: true));
        Assert.Equal("here", At("d", hears: true));
        _servers["d"] = FarmFixture.Server("d", devices: 100);
        Assert.Equal("c", At("a"));
        _servers["c"] = FarmFixture.Server("c", image: new(Guid.NewGuid()));
        Assert.Equal("here", At("a"));
    }

    [Fact]
    public void A_device_goes_to_the_server_that_it_was_given_once_that_is_a_member_and_until_it_comes_back_from_there()
    {
        _given = "d";
        Assert.Equal("here", At("a"));
        _row = _row with { Members = ["a", "b", "d"] };
        foreach (var login in (string[])["a", "b", "c"])
            Assert.Equal("d", At(login));
        Assert.Equal("here", At("d", hears: true));
        _returns.Sent("d");
        _returns.Came("a");
        Assert.Equal("here", At("a"));
        Assert.Equal("a", At("b", hears: true));
        _time.Advance(DeviceReturns.Window);
        Drain("d");
        Assert.Equal("here", At("a"));
        _given = "a";
        Assert.Equal("here", At("a"));
    }

    [Fact]
    public void A_member_that_cannot_stream_the_disk_sends_the_device_to_another_one_and_never_to_itself()
    {
        Assert.Equal("b", At("a", obstacle: "its disk failed"));
        Silence("b");
        Assert.Equal("nowhere", At("a", obstacle: "its disk failed"));
    }

    private void Drain(string server) => _servers[server] = _servers[server] with { IsDraining = true };

    private void Silence(string server) => _servers[server] = _servers[server] with { State = ServerState.Silent };

    private string At(string server, bool hears = false, string? obstacle = null) =>
        SessionPlacement.Of(
            _row,
            new(default, null, server, hears, obstacle),
            _given,
            [.. _servers.Values],
            _returns
        ) switch
        {
            SessionPlacement.Here => "here",
            SessionPlacement.Elsewhere elsewhere => elsewhere.Server,
            _ => "nowhere",
        };
}
