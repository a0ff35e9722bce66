using Akka.Actor;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class ServerDirectoryTests
{
    private static readonly LayerId s_image = new(Guid.NewGuid());

    private readonly ManualTime _time = new();
    private readonly FarmView _view = new();
    private readonly ServerDirectory _servers;
    private int _here;
    private bool _holds = true;
    private long _events;

    public ServerDirectoryTests() =>
        _servers = new(() => Status("alpha", _here) with { Images = [] }, _ => _holds, _view, _time);

    [Fact]
    public void Least_loaded_server_is_offered_first_and_this_one_where_all_are_alike()
    {
        Hear("beta", 5);
        Hear("gamma", 0);
        Assert.Equal(["alpha", "gamma", "beta"], Offered());
        _here = 7;
        Hear("gamma", 1);
        Assert.Equal(["gamma", "beta", "alpha"], Offered());
    }

    [Fact]
    public void Each_server_speaks_for_itself_and_for_one_that_is_not_up_the_first_by_name()
    {
        Hear("beta", 0);
        Assert.True(_servers.SpeaksFor("alpha"));
        Assert.False(_servers.SpeaksFor("beta"));
        Assert.True(_servers.SpeaksFor("gone"));
        _servers.Reach(AddressOf("beta"), isReachable: false);
        Assert.True(_servers.SpeaksFor("beta"));
        Hear("aleph", 0);
        Assert.False(_servers.SpeaksFor("beta"));
    }

    [Fact]
    public void Servers_of_the_machines_site_come_first_and_the_one_it_was_told_to_boot_at_before_them()
    {
        _servers.Hear(AddressOf("near"), Status("near", 9) with { Site = "hall-b" });
        _servers.Hear(AddressOf("full"), Status("full", 10) with { Site = "hall-b" });
        Hear("beta", 3);
        Assert.Equal(["near", "alpha", "beta"], Offered("hall-b"));
        Assert.Equal(["alpha", "beta", "near"], Offered("default"));
        Assert.Equal(["beta", "near", "alpha"], Offered("hall-b", "beta"));
        // Where it cannot boot there, it boots at the best of the others.
        Assert.Equal(["near", "alpha", "beta"], Offered("hall-b", "full"));
        Assert.Equal(["near", "alpha", "beta"], Offered("hall-b", "gone"));
    }

    [Fact]
    public void Machines_that_come_together_are_spread_before_a_server_tells_of_the_first()
    {
        Hear("beta", 0);
        var first = Enumerable.Range(0, 10).Select(_ => Offered()[0]).ToArray();
        Assert.Equal((5, 5), (first.Count(s => s == "alpha"), first.Count(s => s == "beta")));
        // What it tells then counts, and not what was expected.
        Hear("beta", 1);
        Assert.Equal("beta", Offered()[0]);
    }

    [Fact]
    public void Only_who_has_the_image_room_and_no_drain_is_offered()
    {
        Hear("beta", 0);
        Hear("full", 10);
        _servers.Hear(AddressOf("bare"), Status("bare", 0) with { Images = [new(Guid.NewGuid())] });
        Assert.Equal(["alpha", "beta"], Offered());
        _holds = false;
        Assert.Equal(["beta"], Offered());
        Happen(new ServerDrained("beta", default));
        Assert.Empty(Offered());
        Assert.True(_servers.Find("beta")!.IsDraining);
        Happen(new ServerResumed("beta", default));
        Assert.Equal(["beta"], Offered());
    }

    [Fact]
    public void Who_serves_and_does_not_hold_every_layer_lacks_them_also_while_it_is_silent()
    {
        var layer = new LayerId(Guid.NewGuid());
        Hear("beta", 0);
        _servers.Hear(AddressOf("gamma"), Status("gamma", 0) with { Images = [s_image, layer] });
        _servers.Hear(
            AddressOf("streams-not"),
            Status("streams-not", 0) with
            {
                IscsiPort = 0,
                NbdPort = 0,
                Images = [],
            }
        );
        Assert.Empty(_servers.Lacking([s_image]));
        Assert.Equal(["beta"], _servers.Lacking([s_image, layer]));
        _time.Advance(ServerDirectory.Interval * 3);
        Assert.Equal(["beta"], _servers.Lacking([s_image, layer]));
        _holds = false;
        Assert.Equal(["alpha", "beta"], _servers.Lacking([s_image, layer]));
        Happen(new ServerDrained("beta", default));
        Assert.Equal(["alpha"], _servers.Lacking([s_image, layer]));
    }

    [Fact]
    public void Server_that_is_silent_or_out_of_reach_is_known_and_not_offered_and_one_that_left_is_forgotten()
    {
        Hear("beta", 0);
        Hear("gamma", 0);
        _servers.Reach(AddressOf("beta"), isReachable: false);
        Assert.Equal(["alpha", "gamma"], Offered());
        _servers.Reach(AddressOf("beta"), isReachable: true);
        Assert.Equal(3, Offered().Count);
        _time.Advance(ServerDirectory.Interval * 3);
        Assert.Equal(["alpha"], Offered());
        Assert.Equal(ServerState.Silent, _servers.Find("gamma")!.State);
        Hear("gamma", 0);
        _servers.Remove(AddressOf("beta"));
        Assert.Equal(["alpha", "gamma"], _servers.All.Select(s => s.Status.Name));
        _servers.Retain(new HashSet<Address> { AddressOf("beta") });
        Assert.Equal(["alpha"], _servers.All.Select(s => s.Status.Name));
    }

    [Fact]
    public void What_makes_no_sense_and_what_is_too_much_is_not_listened_to()
    {
        ServerStatus good = Status("beta", 0);
        ServerStatus[] bad =
        [
            good with
            {
                Name = "no name",
            },
            good with
            {
                Site = "no site",
            },
            good with
            {
                Address = "nowhere",
            },
            good with
            {
                DevicesMax = 0,
            },
            good with
            {
                Devices = -1,
            },
            good with
            {
                Images = default,
            },
            good with
            {
                Images = [.. Enumerable.Repeat(s_image, ServerStatus.ImagesMax + 1)],
            },
            good with
            {
                NbdPort = 65536,
            },
        ];
        Assert.All(bad, status => _servers.Hear(AddressOf("beta"), status));
        Assert.Single(_servers.All);
        for (var i = 0; i < 2 * ServerDirectory.ServersMax; i++)
            Hear($"server-{i}", 0);
        Assert.Equal(ServerDirectory.ServersMax + 1, _servers.All.Count);
    }

    [Fact]
    public void The_server_with_a_devices_keeper_is_the_last_of_its_site_however_little_it_does()
    {
        Hear("beta", 5);
        Assert.Equal(["alpha", "beta"], Offered());
        Assert.Equal(["beta", "alpha"], Offered(keeper: "alpha"));
        Assert.Equal(["alpha", "beta"], Offered(first: "alpha", keeper: "alpha"));
        Assert.Equal(
            ("beta", "alpha", null, null),
            (
                _servers.NameAt(AddressOf("beta")),
                _servers.NameAt(new("akka", "hatchery")),
                _servers.NameAt(AddressOf("gamma")),
                _servers.NameAt(null)
            )
        );
    }

    private IReadOnlyList<string> Offered(
        string site = ServerStatus.DefaultSite,
        string? first = null,
        string? keeper = null
    ) => [.. _servers.Offer(s_image, site, first, keeper).Select(s => s.Status.Name)];

    private void Hear(string name, int devices) => _servers.Hear(AddressOf(name), Status(name, devices));

    private void Happen(IPolicyEvent happened) => _view.Apply(PersistenceIds.Policy, ++_events, happened);

    private static Address AddressOf(string name) => new("akka.tcp", "hatchery", name, 4053);

    private static ServerStatus Status(string name, int devices) =>
        new(name, "10.77.0.1", 3260, 10809, 8069, 69, devices, 10, [s_image], default);
}
