using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

public partial class RemoteWatcher
{
    /// <summary>Something about a watch.</summary>
    public abstract class WatchCommand(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        /// <summary>Who is watched.</summary>
        public IInternalActorRef Watchee { get; } = watchee;

        /// <summary>Who watches.</summary>
        public IInternalActorRef Watcher { get; } = watcher;
    }

    /// <summary>Begins a watch.</summary>
    public sealed class WatchRemote(IInternalActorRef watchee, IInternalActorRef watcher)
        : WatchCommand(watchee, watcher);

    /// <summary>Ends a watch.</summary>
    public sealed class UnwatchRemote(IInternalActorRef watchee, IInternalActorRef watcher)
        : WatchCommand(watchee, watcher);

    /// <summary>Asks another system's watcher for a sign of life.</summary>
    public sealed class Heartbeat : IPriorityMessage
    {
        private Heartbeat() { }

        /// <summary>The one value.</summary>
        public static Heartbeat Instance { get; } = new();
    }

    /// <summary>The sign of life, with which start of the system it comes from.</summary>
    public sealed class HeartbeatRsp(int addressUid) : IPriorityMessage
    {
        /// <summary>The uid of the system.</summary>
        public int AddressUid { get; } = addressUid;
    }

    /// <summary>Time to ask for signs of life.</summary>
    public class HeartbeatTick
    {
        private HeartbeatTick() { }

        /// <summary>The one value.</summary>
        public static HeartbeatTick Instance { get; } = new();
    }

    /// <summary>Time to judge which systems are unreachable.</summary>
    public class ReapUnreachableTick
    {
        private ReapUnreachableTick() { }

        /// <summary>The one value.</summary>
        public static ReapUnreachableTick Instance { get; } = new();
    }

    /// <summary>The first answer of a system would have had to come by now: from here on it is missed.</summary>
    public sealed class ExpectedFirstHeartbeat(Address from)
    {
        /// <summary>The system.</summary>
        public Address From { get; } = from;
    }

    /// <summary>What is watched; sent to the watcher it is answered with the numbers of now.</summary>
    public sealed class Stats(
        int watching,
        int watchingNodes,
        ImmutableHashSet<(IActorRef Watchee, IActorRef Watcher)> watchingRefs,
        ImmutableHashSet<Address> watchingAddresses
    )
    {
        /// <summary>Asks.</summary>
        public static readonly Stats Empty = Counts(0, 0);

        /// <summary>How many watches there are.</summary>
        public int Watching { get; } = watching;

        /// <summary>How many systems are watched.</summary>
        public int WatchingNodes { get; } = watchingNodes;

        /// <summary>The watched with their watchers.</summary>
        public ImmutableHashSet<(IActorRef Watchee, IActorRef Watcher)> WatchingRefs { get; } = watchingRefs;

        /// <summary>The watched systems.</summary>
        public ImmutableHashSet<Address> WatchingAddresses { get; } = watchingAddresses;

        /// <summary>Numbers only.</summary>
        public static Stats Counts(int watching, int watchingNodes) => new(watching, watchingNodes, [], []);

        /// <inheritdoc/>
        public override string ToString() => $"Stats(watching={Watching}, watchingNodes={WatchingNodes})";
    }
}
