using System.Collections.Immutable;
using Akka.Actor;
using Hatchery.Devices.Configuration;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;

namespace Hatchery.Devices.Tests;

/// <summary>A farm on a database file of its own, which can be ended and started again as after a crash.</summary>
internal sealed class FarmFixture : IAsyncDisposable
{
    public static readonly ImmutableArray<MacAddress> Macs = [MacAddress.Parse("52:54:00:77:00:10")];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly FarmFixture? _first;
    private readonly TestDatabase _database;
    private readonly Standstill? _standstill;
    private ActorSystem? _system;

    private FarmFixture(ManualTime time, FarmFixture? first, Standstill? standstill)
    {
        (Time, _first, _standstill) = (time, first, standstill);
        _database = first?._database ?? new();
        Database = _database.Open();
    }

    public string CheckpointPath => _folder["view.json"];

    public ManualTime Time { get; }

    public Farm Farm { get; private set; } = null!;

    public ActorSystem System => _system ?? throw new InvalidOperationException("the farm is not started");

    public FarmDatabase Database { get; }

    public DeviceAdministration Devices => new(Farm);

    public VDiskAdministration VDisks => new(Farm);

    public static Task<FarmFixture> StartAsync() => StartAsync(new(), first: null, standstill: null);

    /// <summary>One that may stand still: what its clock is advanced by at once, it stood.</summary>
    public static Task<FarmFixture> StartSleepyAsync()
    {
        var time = new ManualTime();
        return StartAsync(time, first: null, new(new SleepyTime(time)));
    }

    /// <summary>Another server on the same database that knows nothing of this one, as those who declared it dead.</summary>
    public Task<FarmFixture> StartSuccessorAsync() => StartAsync(Time, this, standstill: null);

    /// <summary>Ends the actor system, if one runs, and starts another on the same file.</summary>
    public async Task StartAgainAsync()
    {
        await StopAsync();
        _system = ActorSystem.Create("hatchery", FarmActorConfiguration.For(Database));
        Farm = await Farm.OpenAsync(Database, Time, s_limit, _standstill);
        await Farm.EnterAsync(_system, CheckpointPath);
    }

    /// <summary>The keeper of a device that was spoken to.</summary>
    public Task<IActorRef> KeeperAsync(DeviceId device) =>
        _system!
            .ActorSelection($"/system/sharding/device/{FarmMessageExtractor.ShardIdOf($"{device}")}/{device}")
            .ResolveOne(s_limit);

    /// <summary>A server that is up, mirrors, and has room.</summary>
    public static KnownServer Server(string name, LayerId image = default, int devices = 0) =>
        new(
            new(name, "10.0.0.1", 1, 1, 1, 1, devices, 100, [image], default, MirrorPort: 9121),
            IsSelf: false,
            ServerState.Up,
            IsDraining: false,
            default
        );

    /// <summary>These are the servers that are up, as keepers see it.</summary>
    public void Know(params string[] servers) =>
        Farm.Services.Servers = () => [.. servers.Select(name => Server(name))];

    /// <summary>A device, and a vDisk assigned to it.</summary>
    public async Task<(DeviceId Device, VDiskId VDisk)> AddDeviceWithVDiskAsync(string name = "pc07")
    {
        Assert.IsType<Reply.Done>(await Devices.AddAsync(name, Macs));
        var device = Farm.View.Current.Device(name)!.Id;
        var (vDisk, refused) = await VDisks.ReserveAsync("debian");
        Assert.Null(refused);
        Assert.IsType<Reply.Done>(
            await VDisks.AskAsync(
                new AddVDisk(vDisk, "debian", new(Guid.NewGuid()), 1 << 20, new string('0', 64), false, null)
            )
        );
        Assert.IsType<Reply.Done>(await Devices.AssignAsync(device, new(vDisk, BootTransport.San)));
        return (device, vDisk);
    }

    public Task<Reply> AskAsync(IDeviceCommand command) => Farm.Devices.Ask<Reply>(command, s_limit);

    public BootId Nonce(DeviceId device) =>
        Farm.Services.Nonces.Issue(device, Farm.View.Current.Device(device)?.Boot?.Id, Time.GetUtcNow());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _standstill?.Dispose();
        if (_first is null)
            _database.Dispose();
        _folder.Dispose();
    }

    public async Task StopAsync()
    {
        if (_system is not null)
            await _system.Terminate();
        _system = null;
    }

    private static async Task<FarmFixture> StartAsync(ManualTime time, FarmFixture? first, Standstill? standstill)
    {
        var fixture = new FarmFixture(time, first, standstill);
        await fixture.StartAgainAsync();
        return fixture;
    }
}
