using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>The actor of <see cref="ClusterSingletonProxy"/>: it asks the oldest member for the singleton until it answers.</summary>
internal sealed class SingletonProxy : ReceiveActor, IWithTimers
{
    private readonly string[] _path;
    private readonly ClusterSingletonProxySettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembersByAge _members;
    private readonly Queue<(object Message, IActorRef Sender)> _buffer = new();
    private UniqueAddress? _oldest;
    private IActorRef? _singleton;
    private long _attempt;

    public SingletonProxy(string singletonManagerPath, ClusterSingletonProxySettings settings)
    {
        _settings = settings;
        _members = new(settings.Role);
        _path = [.. singletonManagerPath.Split('/', StringSplitOptions.RemoveEmptyEntries), settings.SingletonName];
        Receive<ClusterEvent.CurrentClusterState>(state => Changed(state));
        Receive<ClusterEvent.IMemberEvent>(Changed);
        Receive<LookTick>(_ => Look());
        Receive<ActorIdentity>(Found);
        Receive<Terminated>(Lost);
        ReceiveAny(Pass);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, MembersByAge.Events);

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        foreach (var (message, sender) in _buffer)
            Context.System.DeadLetters.Tell(message, sender);
    }

    private void Changed(object message)
    {
        if (!_members.Apply(message) || _members.Oldest?.UniqueAddress is var oldest && oldest == _oldest)
            return;
        _oldest = _members.Oldest?.UniqueAddress;
        Forget();
        _attempt++;
        if (_oldest is null)
            Timers.Cancel("look");
        else
            Look();
    }

    private void Look()
    {
        if (_singleton is not null || _oldest is null)
            return;
        Context.ActorSelection(new RootActorPath(_oldest.Address) / _path).Tell(new Identify(_attempt));
        Timers.StartSingleTimer("look", LookTick.Instance, _settings.SingletonIdentificationInterval);
    }

    private void Found(ActorIdentity identity)
    {
        if (identity.Subject is null || !Equals(identity.MessageId, _attempt) || _singleton is not null)
            return;
        _log.Info("Singleton identified at [{0}]", identity.Subject.Path);
        _singleton = Context.Watch(identity.Subject);
        Timers.Cancel("look");
        while (_buffer.TryDequeue(out var kept))
            _singleton.Tell(kept.Message, kept.Sender);
    }

    private void Lost(Terminated terminated)
    {
        if (!terminated.ActorRef.Equals(_singleton))
            return;
        _singleton = null;
        Look();
    }

    private void Forget()
    {
        if (_singleton is not null)
            Context.Unwatch(_singleton);
        _singleton = null;
    }

    private void Pass(object message)
    {
        if (_singleton is not null)
        {
            _singleton.Forward(message);
            return;
        }
        if (_settings.BufferSize > 0)
            _buffer.Enqueue((message, Sender));
        if (_settings.BufferSize == 0)
            Drop(message, Sender);
        else if (_buffer.Count > _settings.BufferSize && _buffer.Dequeue() is var dropped)
            Drop(dropped.Message, dropped.Sender);
    }

    private void Drop(object message, IActorRef sender)
    {
        _log.Debug(
            "No singleton, and {0} messages are kept already: [{1}] is dropped",
            _buffer.Count,
            message.GetType()
        );
        Context.System.DeadLetters.Tell(message, sender);
    }

    private sealed record LookTick
    {
        public static readonly LookTick Instance = new();
    }
}
