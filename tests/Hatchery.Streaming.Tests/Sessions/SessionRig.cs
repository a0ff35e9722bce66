using System.Collections.Concurrent;
using System.Net;
using Akka.Actor;
using Akka.TestKit;
using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Streaming.Tests;

/// <summary>A real farm with one device, and the sessions of one server, whose timers stand still until a test moves them.</summary>
internal sealed class SessionRig : IAsyncDisposable
{
    public const string Server = "one";

    /// <summary>A server that this one knows of.</summary>
    public const string Other = "two";
    public static readonly IPEndPoint OtherPortal = new(IPAddress.Parse("10.77.0.2"), 3260);

    public static readonly TimeSpan OffAfter = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly IPEndPoint s_remote = new(IPAddress.Loopback, 40000);

    private readonly FarmFixture _farm;
    private ActorSystem _system = null!;
    private ISessionDisks _sessionDisks;

    private SessionRig(FarmFixture farm) => (_farm, _sessionDisks) = (farm, Disks);

    public FakeSessionDisks Disks { get; } = new();

    public ConcurrentQueue<TimelineStep> Steps { get; } = new();

    public ConcurrentQueue<(DeviceId Device, string Reason)> Refusals { get; } = new();

    /// <summary>What other servers were told to take.</summary>
    public ConcurrentQueue<(string Server, TakeSession Take)> Offers { get; } = new();

    /// <summary>Why this server does not hold an image.</summary>
    public Func<LayerId, string?> WhyNotHere { get; set; } = _ => null;

    /// <summary>Another server streams the device, and mirrors to this one.</summary>
    public bool HearsStreamer { get; set; }

    /// <summary>Where the device's keeper was last.</summary>
    public string? KeeperAt { get; set; }

    public FarmFixture Fixture => _farm;

    public DeviceId Device { get; private set; }

    public IActorRef Streamer { get; private set; } = null!;

    public SessionGate Gate { get; private set; } = null!;

    public DeviceState State => _farm.Farm.View.Current.Device(Device)!;

    /// <param name="keepers">Stands in for the farm's devices.</param>
    /// <param name="keeperPatience">How long a keeper is waited for before a device that comes back goes by the row.</param>
    public static async Task<SessionRig> StartAsync(
        Func<ActorSystem, IActorRef>? keepers = null,
        SessionGateOptions? gate = null,
        ISessionDisks? disks = null,
        TimeSpan? keeperPatience = null
    )
    {
        var rig = new SessionRig(await FarmFixture.StartAsync());
        rig._sessionDisks = disks ?? rig.Disks;
        (rig.Device, _) = await rig._farm.AddDeviceWithVDiskAsync();
        rig.StartStreamer(keepers, gate, keeperPatience);
        return rig;
    }

    /// <summary>The server is gone without a word, and back.</summary>
    public async Task KillAsync()
    {
        await _system.Terminate().WaitAsync(s_limit);
        StartStreamer(keepers: null, gate: null);
    }

    public BootId Nonce() => _farm.Nonce(Device);

    public Task<LoginOutcome> LoginAsync(BootId boot, CancellationToken cancellation = default) =>
        LoginAsync(TargetName.Export(Device, boot), cancellation);

    public Task<LoginOutcome> LoginAsync(
        string name,
        CancellationToken cancellation = default,
        StreamProtocol protocol = StreamProtocol.Nbd
    ) =>
        Gate.LoginAsync(new(protocol, name, null, s_remote, s_remote), cancellation)
            .AsTask()
            .WaitAsync(s_limit, CancellationToken.None);

    public async Task<ISession> OpenAsync(BootId boot) =>
        Assert.IsType<LoginOutcome.Granted>(await LoginAsync(boot)).Session;

    public async Task<LoginRefusal> RefusalAsync(BootId boot) =>
        Assert.IsType<LoginOutcome.Refused>(await LoginAsync(boot)).Refusal;

    public Task PhaseAsync(DevicePhase phase) => Eventually.TrueAsync(() => State.Phase == phase);

    /// <summary>Every step so far, in this order.</summary>
    public async Task StepsAsync(params string[] steps)
    {
        await Eventually.TrueAsync(() => Steps.Count >= steps.Length);
        Assert.Equal(steps, Steps.Select(s => s.Step));
    }

    /// <summary>Lets the time pass after which a lost device is off.</summary>
    public Task OffAsync() =>
        Eventually.TrueAsync(() =>
        {
            ((TestScheduler)_system.Scheduler).Advance(OffAfter);
            return State.Phase == DevicePhase.Off;
        });

    public void Advance(TimeSpan by) => ((TestScheduler)_system.Scheduler).Advance(by);

    public Task StopAsync() => Streamer.Ask<Akka.Done>(new StreamerStop(), s_limit);

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate().WaitAsync(s_limit);
        await _farm.DisposeAsync();
    }

    private void StartStreamer(
        Func<ActorSystem, IActorRef>? keepers,
        SessionGateOptions? gate,
        TimeSpan? keeperPatience = null
    )
    {
        _system = ActorSystem.Create(
            "streams",
            "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\", akka.loglevel = OFF"
        );
        var services = new StreamerServices(
            Server,
            keepers?.Invoke(_system) is { } given ? () => given : () => _farm.Farm.Devices,
            _sessionDisks,
            Steps.Enqueue,
            _farm.Time,
            OffAfter,
            NullLoggerFactory.Instance,
            (server, _, protocol) => server == Other && protocol == StreamProtocol.Iscsi ? OtherPortal : null,
            _ => HearsStreamer,
            new(
                new SessionDirectory(
                    _farm.Farm.Services.Sessions,
                    () => _farm.Farm.Devices,
                    () => _farm.Farm.Services.Servers(),
                    _farm.Time
                ),
                _farm.Farm.View,
                () => _farm.Farm.Services.Servers(),
                _ => KeeperAt,
                keeperPatience ?? s_limit
            ),
            (server, take) => Offers.Enqueue((server, take))
        );
        Streamer = _system.ActorOf(Streaming.Streamer.Props(services), "sessions");
        Gate = new(
            Streamer,
            _farm.Farm.View,
            _farm.Farm.Services.Nonces,
            gate ?? new SessionGateOptions(s_limit, LoginsMax: 256),
            (device, _, reason) => Refusals.Enqueue((device, reason)),
            image => WhyNotHere(image)
        );
    }
}
