using System.Collections.Concurrent;
using System.Text.Json;
using Hatchery.Boot;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Replication;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Petabridge.Cmd.Protocol;
using Petabridge.Cmd.Tests;

namespace Hatchery.Operations.Tests;

/// <summary>The palettes of a real farm and a real store, behind a real host.</summary>
internal sealed class OperationsRig : IAsyncDisposable
{
    public const long ServerLimitBytes = 4L << 30;
    public const string Mac = "52:54:00:77:00:10";

    private HostedNode _node = null!;

    private OperationsRig(FarmFixture farm)
    {
        Farm = farm;
        Store = Store.Open(Folder["store"]).Value!;
        File.WriteAllText(Folder["key"], Convert.ToBase64String(new byte[32]));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Key = FarmKey.Read(Folder["key"]);
        Servers = new(() => Status("here"), _ => false, farm.Farm.View, farm.Time);
        farm.Farm.Services.Servers = () => Servers.All;
        Unknown = new(farm.Farm, null, new(), farm.Time, NullLogger<UnknownMachines>.Instance);
        Leases = new(farm.Database.Source);
        Replicator = new(
            Store,
            farm.Farm.View,
            new StaticPeers([], "here"),
            new(farm.Farm.Identity.Farm, "here"),
            new(),
            TimeProvider.System,
            NullLogger<Replicator>.Instance
        );
        Checks = new(
            new(Store, farm.Farm.View, Replicator, TimeProvider.System, NullLogger<ImageChecks>.Instance),
            new StaticPeers([new("away", "127.0.0.1", 1)], "here"),
            new(farm.Farm.Identity.Farm, "here"),
            new(),
            TimeProvider.System
        );
        Timeline = new(farm.Database, NullLogger<TimelineLog>.Instance, TimeProvider.System);
        OwnCaches = new("one", farm.Farm.View, Timeline.Add, farm.Time, NullLogger<OwnCaches>.Instance);
    }

    public FarmFixture Farm { get; }

    public TempFolder Folder { get; } = new();

    public Store Store { get; }

    public FarmKey Key { get; }

    public TimelineLog Timeline { get; }

    public OwnCaches OwnCaches { get; }

    public SqlLeaseStore Leases { get; }

    public BootStatistics Statistics { get; } = new();

    public Replicator Replicator { get; }

    public FarmChecks Checks { get; }

    public ServiceLimits Limits { get; } = new();

    public UnknownMachines Unknown { get; }

    public ServerDirectory Servers { get; }

    public HostClient Client { get; private set; } = null!;

    public static async Task<OperationsRig> StartAsync()
    {
        var rig = new OperationsRig(await FarmFixture.StartAsync());
        await rig.Leases.CreateAsync(default);
        rig._node = await HostedNode.StartAsync(
            new DeviceCommands(
                rig.Farm.Farm,
                rig.Timeline,
                rig.Store,
                ServerLimitBytes,
                copies: 2,
                rig.OwnCaches,
                rig.Key
            ),
            new SiteCommands(rig.Farm.Farm),
            new CollectionCommands(rig.Farm.Farm),
            new UnknownCommands(rig.Farm.Farm, rig.Unknown),
            new StoreCommands(rig.Farm.Farm, rig.Store),
            new VDiskCommands(rig.Farm.Farm, rig.Store, rig.Farm.Time, rig.Replicator, rig.Checks),
            new BootCommands(rig.Farm.Farm, rig.Timeline, rig.Leases, rig.Statistics, rig.Farm.Time),
            new ServerCommands(rig.Farm.Farm, rig.Servers, rig.Limits, () => "farm.db"),
            new FarmCommands(rig.Farm.Farm, rig.Servers, () => "farm.db"),
            new DrillCommands(rig.Farm.Farm, rig.Servers, rig.CutAsync, TimeProvider.System)
        );
        rig.Client = await rig.ConnectAsync();
        return rig;
    }

    /// <summary>The devices that pbm drill has cut off.</summary>
    public ConcurrentQueue<DeviceId> Cut { get; } = new();

    public static ServerStatus Status(string name) => new(name, "10.77.0.1", 3260, 10809, 8069, 69, 3, 10, [], default);

    public Task<HostClient> ConnectAsync() => HostClient.ConnectAsync(_node.Port);

    /// <summary>What a command that works answers.</summary>
    public async Task<string> RunAsync(params string[] words)
    {
        var (outcome, text) = await Client.RunAsync(words);
        Assert.True(outcome == AnswerPart.Done, text);
        return text;
    }

    public async Task<JsonElement> JsonAsync(params string[] words)
    {
        using var document = JsonDocument.Parse(await RunAsync([.. words, "-o", "json"]));
        return document.RootElement.Clone();
    }

    /// <summary>What a command that does not work answers.</summary>
    public async Task<string> FailAsync(params string[] words)
    {
        var (outcome, text) = await Client.RunAsync(words);
        Assert.Equal(AnswerPart.Failed, outcome);
        return text;
    }

    private Task<bool> CutAsync(DeviceId device)
    {
        Cut.Enqueue(device);
        return Task.FromResult(true);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _node.DisposeAsync();
        Statistics.Dispose();
        await Replicator.DisposeAsync();
        await Timeline.DisposeAsync();
        await Farm.DisposeAsync();
        Store.Dispose();
        Folder.Dispose();
    }
}
