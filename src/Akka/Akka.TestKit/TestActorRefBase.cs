using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Util;

namespace Akka.TestKit;

/// <summary>A reference through which a test sees the actor itself; the actor runs on the thread of whoever sends to it.</summary>
public abstract class TestActorRefBase<TActor> : IInternalActorRef
    where TActor : ActorBase
{
    private readonly LocalActorRef inner;

    protected TestActorRefBase(ActorSystem system, Props actorProps, IActorRef? supervisor = null, string? name = null)
    {
        var props =
            actorProps.Dispatcher == Deploy.NoDispatcherGiven
            || actorProps.Dispatcher == Dispatchers.DefaultDispatcherId
                ? actorProps.WithDispatcher(CallingThreadDispatcher.Id)
                : actorProps;
        inner = (LocalActorRef)(
            supervisor is null
                ? system.ActorOf(props, name)
                : ((LocalActorRef)supervisor).Cell.AttachChild(props, isSystemService: false, name)
        );
    }

    /// <summary>The actor itself.</summary>
    /// <exception cref="InvalidOperationException">It has ended, or could not be made.</exception>
    public TActor UnderlyingActor =>
        inner.Cell.Actor as TActor ?? throw new InvalidOperationException($"{inner} has no {typeof(TActor)}");

    /// <summary>The plain reference to the actor.</summary>
    public IActorRef Ref => inner;

    public ActorPath Path => inner.Path;

    IInternalActorRef IInternalActorRef.Parent => inner.Parent;

    IActorRefProvider IInternalActorRef.Provider => inner.Provider;

    bool IInternalActorRef.IsTerminated => inner.IsTerminated;

    bool IActorRefScope.IsLocal => inner.IsLocal;

    /// <summary>Lets the actor handle <paramref name="message"/> at once; what it throws goes to the caller.</summary>
    public void Receive(object message, IActorRef? sender = null) =>
        inner.Cell.ReceiveMessageForTest(new Envelope(message, sender ?? ActorRefs.NoSender));

    public void Tell(object message, IActorRef? sender) => inner.Tell(message, sender);

    public void Tell(object message) => inner.Tell(message);

    /// <summary>Passes <paramref name="message"/> on in the name of the sender of the message that is handled now.</summary>
    public void Forward(object message) => inner.Forward(message);

    /// <summary>Lets this actor watch <paramref name="subject"/>.</summary>
    public void Watch(IActorRef subject) => inner.Cell.Watch(subject);

    /// <summary>Lets this actor watch <paramref name="subject"/> no longer.</summary>
    public void Unwatch(IActorRef subject) => inner.Cell.Unwatch(subject);

    public bool Equals(IActorRef? other) => inner.Equals(Plain(other));

    public int CompareTo(object? obj) => inner.CompareTo(Plain(obj as IActorRef));

    public override bool Equals(object? obj) => obj is IActorRef other && Equals(other);

    public override int GetHashCode() => inner.GetHashCode();

    public override string ToString() => inner.ToString();

    int IComparable<IActorRef>.CompareTo(IActorRef? other) => inner.CompareTo(Plain(other));

    ISurrogate ISurrogated.ToSurrogate(ActorSystem system) => inner.ToSurrogate(system);

    void IInternalActorRef.SendSystemMessage(ISystemMessage message) => inner.SendSystemMessage(message);

    IActorRef IInternalActorRef.GetChild(IReadOnlyList<string> name) => inner.GetChild(name);

    void IInternalActorRef.Resume(Exception? causedByFailure) => inner.Resume(causedByFailure);

    void IInternalActorRef.Start() => inner.Start();

    void IInternalActorRef.Stop() => inner.Stop();

    void IInternalActorRef.Restart(Exception cause) => inner.Restart(cause);

    void IInternalActorRef.Suspend() => inner.Suspend();

    private static IActorRef? Plain(IActorRef? other) => other is TestActorRefBase<TActor> test ? test.inner : other;
}

/// <inheritdoc/>
public class TestActorRef<TActor>(
    ActorSystem system,
    Props actorProps,
    IActorRef? supervisor = null,
    string? name = null
) : TestActorRefBase<TActor>(system, actorProps, supervisor, name)
    where TActor : ActorBase;
