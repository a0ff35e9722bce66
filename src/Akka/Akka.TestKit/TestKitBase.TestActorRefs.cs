using System.Linq.Expressions;
using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>An actor that the test can look into, and that runs on the thread of whoever sends to it.</summary>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Props props, string? name = null)
        where TActor : ActorBase => new(Sys, props, supervisor: null, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)"/>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Props props, IActorRef supervisor, string? name = null)
        where TActor : ActorBase => new(Sys, props, supervisor, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)"/>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(string? name = null)
        where TActor : ActorBase, new() => new(Sys, Props.Create<TActor>(), supervisor: null, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)"/>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Expression<Func<TActor>> factory, string? name = null)
        where TActor : ActorBase => new(Sys, Props.Create(factory), supervisor: null, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)"/>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(
        Expression<Func<TActor>> factory,
        IActorRef supervisor,
        string? name = null
    )
        where TActor : ActorBase => new(Sys, Props.Create(factory), supervisor, name);
}
