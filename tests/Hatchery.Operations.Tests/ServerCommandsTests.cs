using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Operations.Tests;

public sealed class ServerCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Bounds_are_shown_with_what_is_open_and_what_was_turned_away()
    {
        _rig.Limits.Add(() => new("nbd", 12, 4096, 64, 3, 1));
        _rig.Limits.Add(() => new("devices", 7, 2048, 0, 0, 0));
        Assert.Equal(
            [
                "name           here",
                "address        10.77.0.1",
                "site           default",
                "state          up",
                "devices        3 of 10",
                "copies         0 of others' write caches",
                "started (UTC)  -",
                "database       farm.db",
                "images         -",
                "",
                "WHAT     OPEN  AT MOST  PER ADDRESS  REFUSED  GIVEN UP",
                "nbd      12    4096     64           3        1",
                "devices  7     2048     -            0        0",
            ],
            (await _rig.RunAsync("server", "show")).Split('\n')
        );
        var limit = (await _rig.JsonAsync("server", "show")).GetProperty("limits")[0];
        Assert.Equal(
            ["what", "open", "max", "perAddressMax", "refused", "evicted"],
            limit.EnumerateObject().Select(p => p.Name)
        );
    }

    [Fact]
    public async Task Servers_are_listed_as_they_tell_of_themselves_and_those_that_fell_silent_as_such()
    {
        _rig.Servers.Hear(new("akka.tcp", "hatchery", "10.77.0.2", 4053), OperationsRig.Status("there"));
        var list = await _rig.JsonAsync("server", "list");
        Assert.Equal(
            [("here", "up", true), ("there", "up", false)],
            list.EnumerateArray()
                .Select(s =>
                    (
                        s.GetProperty("name").GetString(),
                        s.GetProperty("state").GetString(),
                        s.GetProperty("here").GetBoolean()
                    )
                )
        );
        _rig.Farm.Time.Advance(TimeSpan.FromMinutes(1));
        var lines = (await _rig.RunAsync("server", "list")).Split('\n');
        Assert.StartsWith("here *  10.77.0.1  default  up ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("there   10.77.0.1  default  silent", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Machines_whose_own_write_cache_has_little_room_are_an_alarm()
    {
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        var boot = _rig.Farm.Nonce(device);
        Assert.IsNotType<Reply.Refused>(await _rig.Farm.AskAsync(new OpenSession(device, boot, "here")));
        var view = _rig.Farm.Farm.View;
        await Eventually.TrueAsync(() => view.Current.Device(device)?.Boot?.Id == boot);
        var report = new OwnCacheReport(
            CachePlace.Ram,
            CachePlace.Ram,
            OwnCacheFallback.None,
            100 << 20,
            90 << 20,
            false
        );
        Assert.True(_rig.OwnCaches.TryTake(view.Current.Device(device)!, boot, report));
        Assert.Contains(
            "alarm          write caches in machines have little room, or none: pc1 (90.0 MiB of 100.0 MiB)",
            await _rig.RunAsync("server", "show"),
            StringComparison.Ordinal
        );
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.2", 4053),
            OperationsRig.Status("there") with
            {
                OwnCachesLow = 2,
            }
        );
        Assert.Contains(
            "alarm     machines whose own write cache has little room, or none: 2 told there; see pbm server show there\n",
            await _rig.RunAsync("farm", "status"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Rebalance_says_which_devices_boot_elsewhere_and_tells_them_when_it_is_meant()
    {
        Assert.Contains(
            "no device has to go elsewhere",
            await _rig.RunAsync("server", "rebalance"),
            StringComparison.Ordinal
        );
        var (first, vDisk) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        var image = _rig.Farm.Farm.View.Current.VDisk(vDisk)!.Production!.Image;
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.2", 4053),
            OperationsRig.Status("there") with
            {
                Images = [image],
            }
        );
        await BootAsync(first);
        foreach (var number in (int[])[2, 3])
        {
            await _rig.RunAsync("device", "add", $"pc{number}", $"52:54:00:77:00:2{number}");
            await _rig.RunAsync("device", "assign", $"pc{number}", "debian");
            await BootAsync(_rig.Farm.Farm.View.Current.Device($"pc{number}")!.Id);
        }
        // Three at one server and none at the other: one moves.
        var plan = Assert.Single((await _rig.JsonAsync("server", "rebalance", "--dry-run")).EnumerateArray());
        Assert.Equal(("here", "there"), (plan.GetProperty("from").GetString(), plan.GetProperty("to").GetString()));
        var moved = plan.GetProperty("device").GetString()!;
        Assert.Null(_rig.Farm.Farm.View.Current.Device(moved)!.Placement);
        Assert.Equal(
            [
                $"{moved}: goes from here to there",
                "1 device(s) go elsewhere: while they run where write caches are mirrored, else at their next boot",
            ],
            (await _rig.RunAsync("server", "rebalance", "--rate", "100")).Split('\n')
        );
        Assert.Equal("there", _rig.Farm.Farm.View.Current.Device(moved)!.Placement);
        Assert.Empty((await _rig.JsonAsync("server", "rebalance", "--dry-run")).EnumerateArray());
        Assert.Contains(
            "1 to 100",
            await _rig.FailAsync("server", "rebalance", "--rate", "0"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Server_is_drained_and_resumed_and_farm_status_shows_it()
    {
        Assert.Equal(
            $"{Hint("here")}\nserver here is not empty, and goes on draining; 3 device(s) and 0 copies of others' write caches are still to go; each when it boots again, as here mirrors nothing (hatchery.mirroring.port)",
            await _rig.FailAsync("server", "drain", "here")
        );
        var status = await _rig.JsonAsync("farm", "status");
        Assert.Equal("draining", status.GetProperty("servers")[0].GetProperty("state").GetString());
        Assert.Equal(1, status.GetProperty("members").GetInt32());
        Assert.Equal("farm.db", status.GetProperty("database").GetString());
        await _rig.RunAsync("server", "resume", "here");
        Assert.Contains("state          up", await _rig.RunAsync("server", "show"), StringComparison.Ordinal);
        Assert.Equal("no server nobody: see pbm server list", await _rig.FailAsync("server", "drain", "nobody"));
        Assert.Equal("no server nobody: see pbm server list", await _rig.FailAsync("server", "resume", "nobody"));
        Assert.Equal("no server nobody: see pbm server list", await _rig.FailAsync("server", "show", "nobody"));
    }

    [Fact]
    public async Task Write_caches_with_too_few_copies_are_an_alarm_of_the_farm_and_shown_of_each_device()
    {
        Assert.DoesNotContain("alarm", await _rig.RunAsync("farm", "status"), StringComparison.Ordinal);
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.2", 4053),
            OperationsRig.Status("there") with
            {
                CopiesMissing = 12,
            }
        );
        Assert.Contains(
            "alarm     fewer copies of write caches than there should be: 12 at there",
            (await _rig.RunAsync("farm", "status")).Split('\n')
        );
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.3", 4053),
            OperationsRig.Status("third") with
            {
                IsFull = true,
            }
        );
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.4", 4053),
            OperationsRig.Status("fourth") with
            {
                IsStoreLost = true,
            }
        );
        Assert.Contains(
            "alarm     lost stores: fourth; no boots and no copies go there until they take writes again (pbm store show at each)",
            (await _rig.RunAsync("farm", "status")).Split('\n')
        );
        Assert.Contains(
            "alarm     no room for writes: third; a device whose copies are all there reads, and its writes get \"no space\" (pbm store show at each)",
            (await _rig.RunAsync("farm", "status")).Split('\n')
        );
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
        await BootAsync(device);
        Assert.Contains(
            "copies      of its write cache at here: fewer than 2",
            (await _rig.RunAsync("device", "show", "pc07")).Split('\n')
        );
    }

    [Fact]
    public async Task What_is_still_to_go_from_a_server_that_drains_counts_copies_and_says_what_it_waits_for()
    {
        var there = OperationsRig.Status("there") with { MirrorPort = 9121, Devices = 0 };
        var third = OperationsRig.Status("third") with { MirrorPort = 9121 };
        _rig.Servers.Hear(new("akka.tcp", "hatchery", "10.77.0.2", 4053), there);
        await _rig.RunAsync("server", "drain", "there", "--no-wait");
        Assert.Equal("it is empty", await DrainAsync("there"));

        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        var grant = (SessionGrant)await BootAsync(device);
        await _rig.Farm.AskAsync(new ConfirmSession(device, grant.Epoch, "here"));
        await _rig.Farm.AskAsync(new AddMember(device, grant.Epoch, grant.Revision + 1, "there"));
        Assert.Equal(
            "0 device(s) and 1 copies of others' write caches are still to go; they stay, as no other server is up, not draining, and mirrors",
            await DrainAsync("there")
        );
        _rig.Servers.Hear(new("akka.tcp", "hatchery", "10.77.0.3", 4053), third);
        Assert.Equal("0 device(s) and 1 copies of others' write caches are still to go", await DrainAsync("there"));

        async Task<string?> DrainAsync(string server) =>
            (await _rig.JsonAsync("server", "show", server)).GetProperty("drain").GetString();
    }

    [Fact]
    public async Task Drain_says_how_far_it_is_until_it_is_empty_may_be_left_alone_and_be_looked_at_again()
    {
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.2", 4053),
            OperationsRig.Status("there") with
            {
                MirrorPort = 9121,
                Devices = 0,
            }
        );
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.3", 4053),
            OperationsRig.Status("third") with
            {
                MirrorPort = 9121,
            }
        );
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        var grant = (SessionGrant)await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "there"));
        await _rig.Farm.AskAsync(new ConfirmSession(device, grant.Epoch, "there"));

        // Whoever watches goes away, and the drain does not.
        var left = await _rig.Client.StartAsync("server", "drain", "there");
        Assert.Equal(Hint("there"), (await _rig.Client.AnswerAsync()).Text);
        Assert.Equal(
            "1 device(s) and 0 copies of others' write caches are still to go; 0 of 1 device(s) and 0 of 0 copies have left it",
            (await _rig.Client.AnswerAsync()).Text
        );
        await _rig.Client.SendAsync(new(Cancel: left));
        Assert.True(_rig.Servers.Find("there")!.IsDraining);

        await _rig.Client.StartAsync("server", "drain", "there");
        Assert.Equal(Hint("there"), (await _rig.Client.AnswerAsync()).Text);
        Assert.Contains("1 device(s) and 0 copies", (await _rig.Client.AnswerAsync()).Text, StringComparison.Ordinal);
        await _rig.Farm.AskAsync(new ReportPhase(device, grant.Epoch, DevicePhase.Off));
        Assert.Equal(
            "server there is empty after 0 s; 1 of 1 device(s) and 0 of 0 copies have left it",
            (await _rig.Client.AnswerAsync()).Text
        );
    }

    [Fact]
    public async Task Drain_that_can_go_no_further_and_one_that_is_taken_back_say_so()
    {
        Hear();
        await _rig.Client.StartAsync("server", "drain", "there");
        Assert.Equal(Hint("there"), (await _rig.Client.AnswerAsync()).Text);
        Assert.Contains("no other server is up", (await _rig.Client.AnswerAsync()).Text, StringComparison.Ordinal);
        for (var pass = 1; pass <= 3; pass++)
        {
            _rig.Farm.Time.Advance(TimeSpan.FromSeconds(5));
            Hear();
        }
        Assert.Equal(
            "server there is not empty, and goes on draining; 3 device(s) and 0 copies of others' write caches are still to go; they stay, as no other server is up, not draining, and mirrors",
            (await _rig.Client.AnswerAsync()).Text
        );

        await _rig.Client.StartAsync("server", "drain", "there");
        Assert.Equal(Hint("there"), (await _rig.Client.AnswerAsync()).Text);
        Assert.Contains("no other server is up", (await _rig.Client.AnswerAsync()).Text, StringComparison.Ordinal);
        await _rig.Farm.Farm.AskAsync(_rig.Farm.Farm.Policy, new ResumeServer("there"));
        Assert.Equal(
            "server there was resumed meanwhile, and takes boots; 0 of 3 device(s) and 0 of 0 copies have left it",
            (await _rig.Client.AnswerAsync()).Text
        );

        void Hear() =>
            _rig.Servers.Hear(
                new("akka.tcp", "hatchery", "10.77.0.2", 4053),
                OperationsRig.Status("there") with
                {
                    MirrorPort = 9121,
                }
            );
    }

    [Fact]
    public async Task Kept_write_cache_of_a_machine_that_is_off_is_still_to_go_and_named_while_it_lies_at_no_server_that_stays()
    {
        _rig.Servers.Hear(
            new("akka.tcp", "hatchery", "10.77.0.2", 4053),
            OperationsRig.Status("there") with
            {
                MirrorPort = 9121,
                Devices = 0,
            }
        );
        var (device, vDisk) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        await _rig.Farm.Devices.AssignAsync(device, new(vDisk, BootTransport.San, DiskMode.Differencing));
        var grant = (SessionGrant)await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "there"));
        await _rig.Farm.AskAsync(new ConfirmSession(device, grant.Epoch, "there"));
        await _rig.Farm.AskAsync(new ReportPhase(device, grant.Epoch, DevicePhase.Off));
        Assert.Equal(
            "server there gets no new boots; 1 write cache(s) that machines keep while they are off are still to go, and lie at no server that stays: pc1; they stay, as no other server is up, not draining, and mirrors",
            await _rig.RunAsync("server", "drain", "there", "--no-wait")
        );
        await _rig.Farm.AskAsync(new AddMember(device, grant.Epoch, grant.Revision + 1, "here"));
        Assert.Equal(
            "1 write cache(s) that machines keep while they are off are still to go; they stay, as no other server is up, not draining, and mirrors",
            await DrainAsync()
        );
        var row = (await _rig.Farm.Farm.Services.Sessions.ReadAsync(device))!;
        await _rig.Farm.Farm.Services.Sessions.SwapAsync(SessionRules.Without(row, new HashSet<string> { "there" }));
        Assert.Equal("it is empty", await DrainAsync());

        async Task<string?> DrainAsync() =>
            (await _rig.JsonAsync("server", "show", "there")).GetProperty("drain").GetString();
    }

    private static string Hint(string server) =>
        $"Ctrl+C ends this report and not the drain: pbm server drain {server} goes on with it, pbm server resume {server} takes it back";

    private Task<Reply> BootAsync(DeviceId device) =>
        _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "here"));
}
