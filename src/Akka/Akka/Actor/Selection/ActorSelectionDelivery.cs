using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

/// <summary>Walks a selection through the tree.</summary>
internal static class ActorSelectionDelivery
{
    public static void Deliver(IActorRef anchor, IActorRef? sender, ActorSelectionMessage selection)
    {
        if (selection.Elements.Length == 0)
        {
            anchor.Tell(selection.Message, sender);
            return;
        }
        Walk((IInternalActorRef)anchor, sender, selection, 0);
    }

    private static void Walk(IInternalActorRef current, IActorRef? sender, ActorSelectionMessage selection, int index)
    {
        if (index == selection.Elements.Length)
        {
            current.Tell(selection.Message, sender);
            return;
        }
        if (current is not ActorRefWithCell cell)
        {
            LeaveTree(current, sender, selection, index);
            return;
        }
        switch (selection.Elements[index])
        {
            case SelectParent:
                Walk(current.Parent is Nobody ? current : current.Parent, sender, selection, index + 1);
                break;
            case SelectChildName name:
                var child = cell.GetSingleChild(name.Name);
                if (child is Nobody)
                    NotFound(current, sender, selection, index);
                else
                    Walk(child, sender, selection, index + 1);
                break;
            case SelectChildPattern pattern:
                var matching = cell.Children.Where(c => c.Path.Name.Like(pattern.PatternStr)).ToArray();
                var below = matching.Length > 1 ? FannedOut(selection) : selection;
                if (matching.Length == 0)
                    NotFound(current, sender, selection, index);
                foreach (var each in matching)
                    Walk((IInternalActorRef)each, sender, below, index + 1);
                break;
            case SelectChildRecursive:
                foreach (var each in cell.Children)
                {
                    each.Tell(selection.Message, sender);
                    Walk((IInternalActorRef)each, sender, selection, index);
                }
                break;
        }
    }

    /// <summary>Below a reference that is no actor of this process the reference itself knows the way.</summary>
    // What was sent to several is missed by nobody where one of them has no such child.
    private static ActorSelectionMessage FannedOut(ActorSelectionMessage selection) =>
        selection.WildCardFanOut
            ? selection
            : new ActorSelectionMessage(selection.Message, selection.Elements, wildCardFanOut: true);

    private static void LeaveTree(
        IInternalActorRef current,
        IActorRef? sender,
        ActorSelectionMessage selection,
        int index
    )
    {
        var rest = selection.Elements[index..];
        if (rest is [SelectChildName name] && current.IsLocal)
        {
            if (current.GetChild([name.Name]) is not Nobody and var found)
                found.Tell(selection.Message, sender);
            else
                NotFound(current, sender, selection, index);
        }
        else
        {
            current.Tell(new ActorSelectionMessage(selection.Message, rest, selection.WildCardFanOut), sender);
        }
    }

    private static void NotFound(
        IInternalActorRef current,
        IActorRef? sender,
        ActorSelectionMessage selection,
        int index
    )
    {
        if (selection.WildCardFanOut)
            return;
        if (selection.Message is Identify identify)
        {
            sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
            return;
        }
        var path = current.Path / selection.Elements.Skip(index).Select(e => e.ToString()!);
        var provider = current.Provider;
        var nowhere = new EmptyLocalActorRef(provider, path, null);
        provider.DeadLetters.Tell(new DeadLetter(selection.Message, sender ?? provider.DeadLetters, nowhere), sender);
    }
}

/// <summary>Makes selections.</summary>
internal static class ActorRefFactoryShared
{
    public static ActorSelection ActorSelection(ActorPath path, ActorSystem system)
    {
        var provider = ((ExtendedActorSystem)system).Provider;
        return new ActorSelection(provider.RootGuardianAt(path.Address), path.Elements);
    }

    public static ActorSelection ActorSelection(string path, ActorSystem system, IActorRef lookupRoot)
    {
        if (path.Length == 0)
            return new ActorSelection(system.DeadLetters, path);
        if (ActorPath.TryParse(path, out var absolute))
            return ActorSelection(absolute, system);
        if (Uri.IsWellFormedUriString(path, UriKind.Absolute))
            return new ActorSelection(system.DeadLetters, "");
        return path.StartsWith('/')
            ? new ActorSelection(((ExtendedActorSystem)system).Provider.RootGuardian, path.Split('/'))
            : new ActorSelection(lookupRoot, path.Split('/'));
    }

    public static ActorSelection ActorSelection(IActorRef anchorActorRef, string path) => new(anchorActorRef, path);
}
