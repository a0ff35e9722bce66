using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>The root of the tree, with the names that are no actors beside its children.</summary>
internal sealed class RootGuardianActorRef(
    Internal.ActorSystemImpl system,
    Props props,
    MessageDispatcher dispatcher,
    MailboxType mailboxType,
    IInternalActorRef supervisor,
    ActorPath path,
    Func<string, IInternalActorRef?> extraNames
) : LocalActorRef(system, props, dispatcher, mailboxType, supervisor, path)
{
    public override IInternalActorRef Parent => this;

    public override IInternalActorRef GetSingleChild(string name) => extraNames(name) ?? base.GetSingleChild(name);
}
