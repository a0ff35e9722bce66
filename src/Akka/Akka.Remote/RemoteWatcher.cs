using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote;

/// <summary>
/// Watches actors of other systems on behalf of those of this one: one watch for each watched actor goes over the wire,
/// and each system with watched actors is asked for heartbeats. A system that answers no more is declared dead, with all
/// of its actors, and its uid is quarantined.
/// </summary>
public partial class RemoteWatcher : UntypedActor, IRequiresMessageQueue<IUnboundedMessageQueueSemantics>
{
    /// <summary>The log.</summary>
    protected readonly ILoggingAdapter Log = Context.GetLogger();

    /// <summary>By address, the watched actors of that system.</summary>
    protected readonly Dictionary<Address, HashSet<IInternalActorRef>> WatcheeByNodes = [];

    /// <summary>By watched actor, its watchers.</summary>
    protected readonly Dictionary<IInternalActorRef, HashSet<IInternalActorRef>> Watching = [];

    private readonly IFailureDetectorRegistry<Address> _failureDetector;
    private readonly TimeSpan _heartbeatExpectedResponseAfter;
    private readonly IRemoteActorRefProvider _provider;
    private readonly Dictionary<Address, int> _addressUids = [];
    private readonly ICancelable _heartbeat;
    private readonly ICancelable _reaper;
    private readonly HeartbeatRsp _selfHeartbeatRsp;

    /// <summary>Takes failure detectors and intervals.</summary>
    /// <exception cref="ArgumentException">Systems of this provider reach no others.</exception>
    public RemoteWatcher(
        IFailureDetectorRegistry<Address> failureDetector,
        TimeSpan heartbeatInterval,
        TimeSpan unreachableReaperInterval,
        TimeSpan heartbeatExpectedResponseAfter
    )
    {
        var system = (ExtendedActorSystem)Context.System;
        _provider =
            system.Provider as IRemoteActorRefProvider
            ?? throw new ArgumentException($"ActorSystem {system} does not have a RemoteActorRefProvider enabled");
        _failureDetector = failureDetector;
        _heartbeatExpectedResponseAfter = heartbeatExpectedResponseAfter;
        _selfHeartbeatRsp = new HeartbeatRsp(AddressUidExtension.Uid(system));
        _heartbeat = system.Scheduler.ScheduleTellRepeatedlyCancelable(
            heartbeatInterval,
            heartbeatInterval,
            Self,
            HeartbeatTick.Instance,
            Self
        );
        _reaper = system.Scheduler.ScheduleTellRepeatedlyCancelable(
            unreachableReaperInterval,
            unreachableReaperInterval,
            Self,
            ReapUnreachableTick.Instance,
            Self
        );
    }

    /// <summary>The systems that are declared dead and still have watched actors.</summary>
    protected HashSet<Address> Unreachable { get; } = [];

    /// <summary>The systems with watched actors.</summary>
    protected ICollection<Address> WatchingNodes => WatcheeByNodes.Keys;

    /// <summary>The props of a watcher.</summary>
    public static Props Props(
        IFailureDetectorRegistry<Address> failureDetector,
        TimeSpan heartbeatInterval,
        TimeSpan unreachableReaperInterval,
        TimeSpan heartbeatExpectedResponseAfter
    ) =>
        Actor
            .Props.Create(
                typeof(RemoteWatcher),
                failureDetector,
                heartbeatInterval,
                unreachableReaperInterval,
                heartbeatExpectedResponseAfter
            )
            .WithDeploy(Deploy.Local);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        base.PostStop();
        _heartbeat.Cancel();
        _reaper.Cancel();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case HeartbeatTick:
                SendHeartbeat();
                break;
            case Heartbeat:
                Sender.Tell(_selfHeartbeatRsp, Self);
                break;
            case HeartbeatRsp answer:
                ReceiveHeartbeatRsp(answer.AddressUid);
                break;
            case ReapUnreachableTick:
                ReapUnreachable();
                break;
            case ExpectedFirstHeartbeat expected:
                TriggerFirstHeartbeat(expected.From);
                break;
            case WatchRemote watch:
                AddWatching(watch.Watchee, watch.Watcher);
                break;
            case UnwatchRemote unwatch:
                RemoveWatch(unwatch.Watchee, unwatch.Watcher);
                break;
            case Terminated terminated:
                ProcessTerminated(terminated);
                break;
            case Stats:
                Sender.Tell(CurrentStats(), Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Begins a watch.</summary>
    protected void AddWatching(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        if (watcher.Equals(Self))
            throw new ArgumentException("The remote watcher is not to be asked to watch for itself.", nameof(watcher));
        if (!Watching.TryGetValue(watchee, out var watchers))
            Watching.Add(watchee, watchers = []);
        watchers.Add(watcher);
        WatchNode(watchee);
        // Once for all watchers; the cell knows what it watches already.
        Context.Watch(watchee);
    }

    /// <summary>Begins to ask the system of a watched actor for heartbeats.</summary>
    protected virtual void WatchNode(IInternalActorRef watchee)
    {
        var address = watchee.Path.Address;
        if (!WatcheeByNodes.TryGetValue(address, out var watchees))
        {
            // The first watch of it after it was unreachable: it gets a new chance.
            if (Unreachable.Remove(address))
                _failureDetector.Remove(address);
            WatcheeByNodes.Add(address, watchees = []);
        }
        watchees.Add(watchee);
    }

    /// <summary>Ends one watch.</summary>
    protected void RemoveWatch(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        if (!Watching.TryGetValue(watchee, out var watchers))
            return;
        watchers.Remove(watcher);
        if (watchers.Count > 0)
            return;
        Context.Unwatch(watchee);
        RemoveWatchee(watchee);
    }

    /// <summary>Forgets a watched actor.</summary>
    protected void RemoveWatchee(IInternalActorRef watchee)
    {
        var address = watchee.Path.Address;
        Watching.Remove(watchee);
        if (!WatcheeByNodes.TryGetValue(address, out var watchees))
            return;
        watchees.Remove(watchee);
        if (watchees.Count == 0)
            UnwatchNode(address);
    }

    /// <summary>Asks a system for heartbeats no more.</summary>
    protected void UnwatchNode(Address watcheeAddress)
    {
        WatcheeByNodes.Remove(watcheeAddress);
        _addressUids.Remove(watcheeAddress);
        _failureDetector.Remove(watcheeAddress);
    }

    /// <summary>Tells all who are concerned that the system at an address is dead.</summary>
    protected void PublishAddressTerminated(Address address) =>
        AddressTerminatedTopic.Get(Context.System).Publish(new AddressTerminated(address));

    /// <summary>Cuts the system at an address off.</summary>
    protected virtual void Quarantine(Address address, int? addressUid) => _provider.Quarantine(address, addressUid);

    private void ProcessTerminated(Terminated terminated)
    {
        var watchee = (IInternalActorRef)terminated.ActorRef;
        Log.Debug(
            "Watchee terminated: [{0}], existence confirmed {1}, address terminated {2}",
            watchee,
            terminated.ExistenceConfirmed,
            terminated.AddressTerminated
        );
        if (!Watching.TryGetValue(watchee, out var watchers) && watchee.Path.Uid != 0)
        {
            // Watched by a path that names no incarnation.
            var anyIncarnation = Watching.Keys.FirstOrDefault(each =>
                each.Path.Uid == 0 && each.Path.Equals(watchee.Path)
            );
            if (anyIncarnation is null)
                return;
            watchers = Watching[anyIncarnation];
            RemoveWatchee(anyIncarnation);
        }
        foreach (var watcher in watchers ?? [])
        {
            // An actor hears of the end of a whole system by itself, but the reference of an ask does not.
            if (!terminated.AddressTerminated || watcher is not ActorRefWithCell)
                watcher.SendSystemMessage(
                    new DeathWatchNotification(watchee, terminated.ExistenceConfirmed, terminated.AddressTerminated)
                );
        }
        RemoveWatchee(watchee);
    }

    private void SendHeartbeat()
    {
        foreach (var address in WatcheeByNodes.Keys)
        {
            if (Unreachable.Contains(address))
                continue;
            if (!_failureDetector.IsMonitoring(address))
                Context.System.Scheduler.ScheduleTellOnce(
                    _heartbeatExpectedResponseAfter,
                    Self,
                    new ExpectedFirstHeartbeat(address),
                    Self
                );
            Context.ActorSelection(new RootActorPath(address) / Self.Path.Elements).Tell(Heartbeat.Instance, Self);
        }
    }

    private void ReceiveHeartbeatRsp(int uid)
    {
        var from = Sender.Path.Address;
        if (!WatcheeByNodes.ContainsKey(from) || Unreachable.Contains(from))
            return;
        // The other may have started again: its new actors know nothing of a watch of the old ones.
        if (!_addressUids.TryGetValue(from, out var known) || known != uid)
            ReWatch(from);
        _addressUids[from] = uid;
        _failureDetector.Heartbeat(from);
    }

    private void ReWatch(Address address)
    {
        foreach (var watchee in WatcheeByNodes[address])
        {
            Log.Debug("Re-watch [{0}]", watchee.Path);
            watchee.SendSystemMessage(new Watch(watchee, (IInternalActorRef)Self));
        }
    }

    private void TriggerFirstHeartbeat(Address address)
    {
        if (!WatcheeByNodes.ContainsKey(address) || _failureDetector.IsMonitoring(address))
            return;
        Log.Debug("Trigger extra expected heartbeat from [{0}]", address);
        _failureDetector.Heartbeat(address);
    }

    private void ReapUnreachable()
    {
        foreach (var address in WatcheeByNodes.Keys.ToArray())
        {
            if (Unreachable.Contains(address) || _failureDetector.IsAvailable(address))
                continue;
            Log.Warning("Detected unreachable: [{0}]", address);
            Quarantine(address, _addressUids.TryGetValue(address, out var uid) ? uid : null);
            PublishAddressTerminated(address);
            Unreachable.Add(address);
        }
    }

    private Stats CurrentStats()
    {
        var refs = Watching
            .SelectMany(entry => entry.Value.Select(watcher => ((IActorRef)entry.Key, (IActorRef)watcher)))
            .ToArray();
        return new Stats(refs.Length, WatchingNodes.Count, [.. refs], [.. WatchingNodes]);
    }
}
