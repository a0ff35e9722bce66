using System.Data.Common;
using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Streams;
using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Operations;
using Hatchery.Replication;
using Hatchery.Streaming;
using Microsoft.Extensions.Logging;
using Petabridge.Cmd.Cluster;
using Petabridge.Cmd.Cluster.Sharding;
using Petabridge.Cmd.Host;

namespace Hatchery.Server;

/// <summary>A whole server: starts its parts from the ground up, and ends them the other way round.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    /// <summary>How long what is served here may take to go to other servers when this one is stopped.</summary>
    private static readonly TimeSpan s_leavingLimit = TimeSpan.FromSeconds(10);

    private readonly Stack<Func<ValueTask>> _parts = new();
    private readonly ILogger _log;

    private ServerHost(ILogger log) => _log = log;

    /// <exception cref="SettingsException">Something that the server needs cannot be had; what was started is ended.</exception>
    public static async Task<ServerHost> StartAsync(
        ServerSettings settings,
        Config configuration,
        ILoggerFactory logs,
        TimeProvider time
    )
    {
        var server = new ServerHost(logs.CreateLogger<ServerHost>());
        try
        {
            await server.BuildAsync(settings, configuration, logs, time);
            return server;
        }
        catch (Exception cannot)
        {
            await server.DisposeAsync();
            if (Explain(cannot, settings) is { } reason)
                throw new SettingsException(reason, cannot);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var end))
        {
            try
            {
                await end();
            }
            catch (Exception failed)
            {
                Log.NotStopped(_log, failed);
            }
        }
    }

    private async Task BuildAsync(ServerSettings settings, Config configuration, ILoggerFactory logs, TimeProvider time)
    {
        Directory.CreateDirectory(settings.DataFolder);
        if (OpenFiles.Shortage(settings) is { } shortage)
            Log.FewFiles(_log, shortage);
        var key = settings.KeyFile is { } keyFile ? FarmKey.Read(keyFile) : null;
        var limits = new ServiceLimits();
        limits.Add(() => OpenFiles.Use);
        var alarm = new StoreAlarm(logs.CreateLogger<Store>(), time);
        var store = OpenStore(settings, alarm, time);
        if (settings.PostgreSql is null)
            Begin(DatabaseLock.Take(settings.DatabaseFile));
        var database = Begin(
            settings.PostgreSql is { } shared
                ? FarmDatabase.PostgreSql(shared)
                : FarmDatabase.Sqlite(settings.DatabaseFile)
        );
        var farmTime = new DatabaseClock(database, time);
        await farmTime.LookAsync();
        var watch = Begin(new DatabaseWatch(database, farmTime, time, logs.CreateLogger<DatabaseWatch>()));

        var standstill = new Standstill(time);
        Begin(() =>
        {
            standstill.Dispose();
            return Task.CompletedTask;
        });
        var farm = await Farm.OpenAsync(database, farmTime, standstill: standstill);
        SessionGate? gate = null;
        StoreSessionDisks? disks = null;
        VersionMaker? maker = null;
        OwnCaches? ownCaches = null;
        var copies = settings.Mirroring.Sessions.Copies;
        var here = new ThisServer(
            settings,
            store,
            () => gate?.Devices ?? 0,
            () => disks?.Rows.Count(row => row.Members.Length < copies) ?? 0,
            () => maker?.Status ?? default,
            () => alarm.IsFull,
            () => ownCaches?.Low.Count ?? 0,
            time
        );
        var servers = new ServerDirectory(() => here.Status, here.Holds, farm.View, time);
        alarm.Changed += servers.Change;
        Begin(new StoreWatch(store, alarm, servers.Change, time, logs.CreateLogger<StoreWatch>()));
        farm.Services.Servers = () => servers.All;
        farm.Services.Lacking = servers.Lacking;
        var security = Security(configuration);
        var mirrors = Begin(new FarmMirrors(settings, farm.Identity.Farm, security, store, servers, logs, time));
        if (settings.Mirroring.Port > 0)
        {
            limits.Add(() => mirrors.Use[0]);
            limits.Add(() => mirrors.Use[1]);
        }
        // Ends after the cluster's actor system, with which commands that are under way end.
        var history = Begin(new HistoryLog(database, settings.History, logs.CreateLogger<HistoryLog>(), time));
        var commands = new CommandHistory(history, farm, settings.ServerName);
        var cluster = Begin(
            await ClusterLife.StartAsync(
                () =>
                    ActorSystem.Create(
                        "hatchery",
                        Setup(
                                farm.Returning.WithFallback(farm.Allegiance(configuration))
                                    .WithFallback(ActorConfiguration.Farm(database, configuration)),
                                logs
                            )
                            .And(new FarmLeaseSetup(database, time))
                    ),
                async system =>
                {
                    await farm.EnterAsync(system, Path.Combine(settings.DataFolder, "farm-view.json"));
                    system.ActorOf(ServerHerald.Props(servers), ServerHerald.Name);
                },
                time,
                _log
            )
        );
        var timeline = Begin(new TimelineLog(database, logs.CreateLogger<TimelineLog>(), time));
        ownCaches = new OwnCaches(
            settings.ServerName,
            farm.View,
            timeline.Add,
            farmTime,
            logs.CreateLogger<OwnCaches>()
        );

        var streamSystem = Begin(
            ActorSystem.Create("hatchery-streams", Setup(ActorConfiguration.Streams(configuration), logs))
        );
        var directory = new SessionDirectory(farm.Services.Sessions, () => farm.Devices, () => servers.All, time);
        disks = new StoreSessionDisks(
            settings.ServerName,
            store,
            farm.Identity.Farm,
            settings.Store.Caches,
            mirrors.Sessions,
            directory,
            logs.CreateLogger<StoreSessionDisks>(),
            id => farm.View.Current is var now && now.Device(id) is { } device ? now.WriteCacheLimitOf(device) : null
        );
        var streamer = streamSystem.ActorOf(
            Streamer.Props(
                new(
                    settings.ServerName,
                    () => farm.Devices,
                    disks,
                    timeline.Add,
                    time,
                    settings.Streaming.OffAfter,
                    logs,
                    (server, device, protocol) => PortalOf(servers, farm, server, device, protocol),
                    device => mirrors.HearsStreamer(farm.View.Current.Device(device)),
                    new(
                        directory,
                        farm.View,
                        () => servers.All,
                        device => servers.NameAt(farm.KeeperOf(device)),
                        settings.Streaming.KeeperTimeout,
                        standstill
                    ),
                    servers.OfferSession
                )
            ),
            "sessions"
        );
        servers.Offered += take =>
            streamer.Tell(new SessionTake(take.Device, take.Boot, take.Epoch), ActorRefs.NoSender);
        disks.Noticed += notice => streamer.Tell(notice, ActorRefs.NoSender);
        farm.Services.View.SettingsChanged += disks.LimitsChanged;
        farm.Services.View.DeviceRemoved += device => streamer.Tell(new SessionRevoked(device), ActorRefs.NoSender);
        farm.Services.View.SessionOpened += (device, epoch, server) =>
        {
            if (server != settings.ServerName)
                streamer.Tell(new SessionSuperseded(device, epoch), ActorRefs.NoSender);
        };
        Begin(
            new VersionNotices(
                farm,
                settings.ServerName,
                servers.SpeaksFor,
                timeline,
                logs.CreateLogger<VersionNotices>()
            )
        );
        Begin(new CanaryReports(farm, timeline));
        Begin(new ScheduledPromotions(farm, logs.CreateLogger<ScheduledPromotions>()));
        foreach (var row in (await farm.Services.Sessions.AllAsync()).Where(r => r.Streamer == settings.ServerName))
            streamer.Tell(new SessionExpected(row.Device, row.Epoch), ActorRefs.NoSender);
        Begin(async () => await streamer.Ask<Akka.Done>(new StreamerStop(), TimeSpan.FromSeconds(15)));
        var retention = Begin(
            new CacheRetention(
                settings.ServerName,
                store,
                farm.Services.Sessions,
                farm.View,
                settings.Streaming.KeepOldCache,
                time,
                logs.CreateLogger<CacheRetention>()
            )
        );

        maker = Begin(
            new VersionMaker(
                settings.ServerName,
                farm,
                store,
                new(settings.ServerName, disks, directory, streamer, () => farm.Devices),
                mirrors.Sessions.ReleaseAsync,
                settings.MergeAbove,
                new(settings.MergeBytesPerSecond, time),
                time,
                logs.CreateLogger<VersionMaker>()
            )
        );
        var compactor = Begin(
            new Compactor(store, settings.Store.Compaction, time, failed => Log.CompactionFailed(_log, failed))
        );

        var (replicator, checks) = StartReplication(settings, security, store, farm, servers, limits, logs, time);
        gate = new SessionGate(
            streamer,
            farm.View,
            farm.Services.Nonces,
            settings.Streaming.Gate,
            (device, step, reason) => timeline.Add(new(device, time.GetUtcNow(), step, settings.ServerName, reason)),
            replicator.WhyNotHere,
            farmTime
        );
        limits.Add(() => gate.Use[0]);
        limits.Add(() => gate.Use[1]);
        limits.Add(() => gate.Use[2]);
        await StartStreamingAsync(settings, gate, streamSystem, limits, logs, time);
        var statistics = new BootStatistics();
        Begin(() =>
        {
            statistics.Dispose();
            return Task.CompletedTask;
        });
        var captures = Begin(
            new Captures(
                settings.ServerName,
                farm,
                store,
                settings.Boot.Capture,
                settings.Boot.CapturesAtOnce,
                timeline.Add,
                logs.CreateLogger<Captures>()
            )
        );
        var unknown = await new BootServices(
            settings,
            farm,
            servers,
            store,
            database,
            timeline,
            limits,
            logs,
            time,
            farmTime,
            replicator.WhyNotHere,
            ownCaches,
            key,
            captures
        ).StartAsync(part => Begin(part), CancellationToken.None);

        cluster.Serve(system =>
        {
            var operators = PetabridgeCmd.Get(system);
            CommandPaletteHandler[] palettes =
            [
                new DeviceCommands(farm, timeline, store, settings.Store.Caches.LimitBytes, copies, ownCaches, key),
                new SiteCommands(farm),
                new CollectionCommands(farm),
                new UnknownCommands(farm, unknown),
                new VDiskCommands(farm, store, time, replicator, checks, captures),
                new StoreCommands(farm, store),
                new BootCommands(farm, timeline, new Boot.Dhcp.SqlLeaseStore(database.Source), statistics, time),
                new ServerCommands(farm, servers, limits, () => watch.State, history, ownCaches),
                new FarmCommands(farm, servers, () => watch.State, history),
                new DrillCommands(
                    farm,
                    servers,
                    device => streamer.Ask<bool>(new SessionCut(device), TimeSpan.FromSeconds(5)),
                    time
                ),
                ClusterCommands.Instance,
                ClusterShardingCommands.Instance,
            ];
            foreach (var palette in palettes)
                operators.RegisterCommandPalette(commands.Recorded(palette));
            operators.Start();
        });
        retention.Start();
        compactor.Start();
        maker.Start();
        if (settings.Mirroring.Port > 0)
        {
            Rehearse(settings, time);
            StartMover(settings, farm, servers, disks, streamer, here, time);
            var kept = Begin(
                new KeptCacheMover(
                    settings.ServerName,
                    () => farm.Services.Sessions.HeldByAsync(settings.ServerName),
                    directory,
                    () => disks.Copies,
                    farm.View,
                    () => servers.All,
                    message => streamer.Tell(message, ActorRefs.NoSender),
                    settings.Mirroring.Kept,
                    time,
                    farmTime
                )
            );
            kept.Start();
        }
    }

    private void Rehearse(ServerSettings settings, TimeProvider time)
    {
        var stopping = new CancellationTokenSource();
        var rehearsal = Task.Run(async () =>
        {
            var folder = Path.Combine(settings.DataFolder, "rehearsal");
            if (!await MirrorRehearsal.RunAsync(folder, time, stopping.Token) && !stopping.IsCancellationRequested)
                Log.NotRehearsed(_log, folder);
        });
        Begin(async () =>
        {
            await stopping.CancelAsync();
            await rehearsal;
            stopping.Dispose();
        });
    }

    /// <summary>What is served here goes to other servers when it is to, and before anything else ends: who comes back here then is told where to go.</summary>
    private void StartMover(
        ServerSettings settings,
        Farm farm,
        ServerDirectory servers,
        StoreSessionDisks disks,
        IActorRef streamer,
        ThisServer here,
        TimeProvider time
    )
    {
        var mover = Begin(
            new SessionMover(
                () => disks.Copies,
                farm.View,
                () => servers.All,
                move => streamer.Tell(move, ActorRefs.NoSender),
                settings.Mirroring.MovesMax,
                time
            )
        );
        mover.Start();
        Begin(() =>
        {
            here.IsLeaving = true;
            servers.Change();
            return mover.LeaveAsync(s_leavingLimit);
        });
    }

    /// <summary>Between servers; null: none.</summary>
    /// <exception cref="SettingsException">The certificate cannot be had.</exception>
    private static PeerTls? Security(Config configuration)
    {
        try
        {
            return PeerTls.Create(configuration);
        }
        catch (ConfigurationException wrong)
        {
            throw new SettingsException(wrong.Message, wrong);
        }
    }

    private (Replicator Replicator, FarmChecks Checks) StartReplication(
        ServerSettings settings,
        PeerTls? security,
        Store store,
        Farm farm,
        ServerDirectory servers,
        ServiceLimits limits,
        ILoggerFactory logs,
        TimeProvider time
    )
    {
        var replication = settings.Replication;
        var identity = new ReplicationIdentity(farm.Identity.Farm, settings.ServerName, security);
        var peers = new FarmPeers(replication.Peers, servers);
        var replicator = Begin(
            new Replicator(
                store,
                farm.View,
                peers,
                identity,
                replication.Options,
                time,
                logs.CreateLogger<Replicator>()
            )
        );
        var checks = new ImageChecks(store, farm.View, replicator, time, logs.CreateLogger<ImageChecks>());
        if (replication.Port > 0)
        {
            var server = Begin(
                new ImageServer(
                    new(settings.Address, replication.Port),
                    identity,
                    store,
                    replication.Options,
                    time,
                    logs.CreateLogger<ImageServer>(),
                    checks
                )
            );
            limits.Add(() => server.Use);
            server.Start();
        }
        replicator.Start();
        var scrubber = Begin(
            new Scrubber(store, farm.View, checks, settings.Store.Scrub, time, logs.CreateLogger<Scrubber>())
        );
        scrubber.Start();
        return (replicator, new(checks, peers, identity, replication.Options, time));
    }

    /// <summary>Where the server of that name serves a protocol; of null, the best other one for the device's boot. Null: nowhere.</summary>
    private static IPEndPoint? PortalOf(
        ServerDirectory servers,
        Farm farm,
        string? server,
        DeviceId device,
        StreamProtocol protocol
    )
    {
        var now = farm.View.Current;
        var found =
            server is not null ? servers.Find(server)
            : now.Device(device) is { } known
            && now.NextBootOf(known, farm.Services.Time.GetUtcNow()) is { Version: var version }
                ? servers
                    .Offer(version.Image, now.SiteOf(known), known.Placement, servers.NameAt(farm.KeeperOf(device)))
                    .FirstOrDefault()
            : null;
        var port = protocol == StreamProtocol.Iscsi ? found?.Status.IscsiPort : found?.Status.NbdPort;
        return found is { IsSelf: false, State: ServerState.Up } && port > 0
            ? new(found.Status.IPAddress!, port.Value)
            : null;
    }

    private async Task StartStreamingAsync(
        ServerSettings settings,
        ISessionGate gate,
        ActorSystem system,
        ServiceLimits limits,
        ILoggerFactory logs,
        TimeProvider time
    )
    {
        var (streaming, materializer) = (settings.Streaming, system.Materializer());
        var budget = new ByteBudget(streaming.BytesMax);
        limits.Add(() => budget.Use);
        if (streaming.IscsiPort > 0)
            await ListenAsync(
                new IscsiListener(
                    new(settings.Address, streaming.IscsiPort),
                    gate,
                    materializer,
                    streaming.Options,
                    logs,
                    time,
                    budget
                )
            );
        if (streaming.NbdPort > 0)
            await ListenAsync(
                new NbdListener(
                    new(settings.Address, streaming.NbdPort),
                    gate,
                    materializer,
                    streaming.Options,
                    logs,
                    time,
                    budget
                )
            );

        Task ListenAsync(StreamListener listener)
        {
            limits.Add(() => listener.Use);
            return Begin(listener).StartAsync();
        }
    }

    private Store OpenStore(ServerSettings settings, StoreAlarm alarm, TimeProvider time)
    {
        var opened = Store.Open(
            settings.StoreFolder,
            settings.Store.Limits,
            alarm.Raise,
            settings.KeepInterrupted,
            time
        );
        var store = opened.Value ?? throw new IOException($"store {opened.Fault}");
        _parts.Push(() =>
        {
            store.Dispose();
            return ValueTask.CompletedTask;
        });
        return store;
    }

    private T Begin<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part.DisposeAsync);
        return part;
    }

    private ActorSystem Begin(ActorSystem system)
    {
        _parts.Push(() => new(system.Terminate()));
        return system;
    }

    private void Begin(Func<Task> end) => _parts.Push(() => new(end()));

    private static ActorSystemSetup Setup(Config config, ILoggerFactory logs) =>
        ActorSystemSetup.Empty.And(BootstrapSetup.Create().WithConfig(config)).And(new LogForwarderSetup(logs));

    /// <summary>One line for what an operator can mend; null for what only we can.</summary>
    private static string? Explain(Exception cannot, ServerSettings settings) =>
        cannot switch
        {
            DbException or NewerSchemaException =>
                $"the farm database {settings.PostgreSql?.Name ?? settings.DatabaseFile} cannot be used: {cannot.GetBaseException().Message.ReplaceLineEndings(" ")}",
            Boot.Net.BootServiceException => cannot.Message,
            Akka.Cluster.ClusterJoinFailedException =>
                $"no server of the farm let this one in ({cannot.Message.TrimEnd('.')}): see that one of these runs, that its log refuses no connection, and that all have the same akka.cluster.seed-nodes and TLS",
            IOException or UnauthorizedAccessException or ForeignFarmException => cannot.Message,
            _ => null,
        };
}
