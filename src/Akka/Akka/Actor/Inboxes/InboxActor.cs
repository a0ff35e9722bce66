using Akka.Event;

namespace Akka.Actor;

/// <summary>The actor behind an inbox: keeps messages until they are asked for, and askers until something comes.</summary>
internal sealed class InboxActor : ActorBase
{
    private readonly int _most;
    private readonly LinkedList<object> _messages = new();
    private readonly LinkedList<Take> _waiting = new();
    private bool _warned;

    public InboxActor(int most) => _most = most;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case StartWatch { Message: null } start:
                Context.Watch(start.Subject);
                break;
            case StartWatch start:
                Context.WatchWith(start.Subject, start.Message!);
                break;
            case StopWatch stop:
                Context.Unwatch(stop.Subject);
                break;
            case Take take:
                Serve(take);
                break;
            default:
                Keep(message);
                break;
        }
        return true;
    }

    private void Serve(Take take)
    {
        for (var node = _messages.First; node is not null; node = node.Next)
        {
            if (!take.Predicate(node.Value))
                continue;
            if (take.Taken.TrySetResult(node.Value))
            {
                _messages.Remove(node);
                _warned = false;
            }
            return;
        }
        ForgetWhoGaveUp();
        if (!take.Taken.Task.IsCompleted)
            _waiting.AddLast(take);
    }

    private void Keep(object message)
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (!node.Value.Predicate(message) || !node.Value.Taken.TrySetResult(message))
                continue;
            _waiting.Remove(node);
            return;
        }
        if (_messages.Count < _most)
        {
            _messages.AddLast(message);
        }
        else if (!_warned)
        {
            _warned = true;
            Context.System.EventStream.Publish(
                new Warning(
                    Self.Path.ToString(),
                    GetType(),
                    $"Dropping message: the inbox holds {_most}, which is akka.actor.inbox.inbox-size"
                )
            );
        }
    }

    private void ForgetWhoGaveUp()
    {
        var node = _waiting.First;
        while (node is not null)
        {
            var next = node.Next;
            if (node.Value.Taken.Task.IsCompleted)
                _waiting.Remove(node);
            node = next;
        }
    }

    public sealed record Take(Predicate<object> Predicate, TaskCompletionSource<object> Taken);

    public sealed record StartWatch(IActorRef Subject, object? Message);

    public sealed record StopWatch(IActorRef Subject);
}
