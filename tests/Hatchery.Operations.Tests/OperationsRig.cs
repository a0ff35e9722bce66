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
using Petabridge.Cmd.Host;
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
        History = new(farm.Database, HistoryLimits, NullLogger<HistoryLog>.Instance, farm.Time);
        File.WriteAllText(Folder["vmlinuz"], "");
        Captures = new(
            "here",
            farm.Farm,
            Store,
            new(Folder["vmlinuz"], Folder["vmlinuz"]),
            atOnce: 4,
            Timeline.Add,
            NullLogger<Captures>.Instance
        );
        OwnCaches = new("one", farm.Farm.View, Timeline.Add, farm.Time, NullLogger<OwnCaches>.Instance);
    }

    public FarmFixture Farm { get; }

    public TempFolder Folder { get; } = new();

    public Store Store { get; }

    public FarmKey Key { get; }

    public TimelineLog Timeline { get; }

    public static HistoryLimits HistoryLimits { get; } = new(RowsMax: 40, WaitingMax: 4);

    public HistoryLog History { get; }

    public OwnCaches OwnCaches { get; }

    public Captures Captures { get; }

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
        var history = new CommandHistory(rig.History, rig.Farm.Farm, "here");
        rig._node = await HostedNode.StartAsync([.. rig.Palettes().Select(history.Recorded)]);
        rig.Client = await rig.ConnectAsync();
        return rig;
    }

    /// <summary>Every palette that a server has, but that of actors, which only reads.</summary>
    public CommandPaletteHandler[] Palettes() =>
        [
            new DeviceCommands(Farm.Farm, Timeline, Store, ServerLimitBytes, copies: 2, OwnCaches, Key),
            new SiteCommands(Farm.Farm),
            new CollectionCommands(Farm.Farm),
            new UnknownCommands(Farm.Farm, Unknown),
            new StoreCommands(Farm.Farm, Store),
            new VDiskCommands(Farm.Farm, Store, Farm.Time, Replicator, Checks, Captures),
            new BootCommands(Farm.Farm, Timeline, Leases, Statistics, Farm.Time),
            new ServerCommands(Farm.Farm, Servers, Limits, () => "farm.db", History, OwnCaches),
            new FarmCommands(Farm.Farm, Servers, () => "farm.db", History),
            new DrillCommands(Farm.Farm, Servers, CutAsync, TimeProvider.System),
        ];

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
        await Captures.DisposeAsync();
        await Replicator.DisposeAsync();
        await Timeline.DisposeAsync();
        await History.DisposeAsync();
        await Farm.DisposeAsync();
        Store.Dispose();
        Folder.Dispose();
    }
}
