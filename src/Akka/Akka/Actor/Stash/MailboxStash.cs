namespace Akka.Actor;

/// <summary>A stash in front of the actor's mailbox.</summary>
internal sealed class MailboxStash(ActorCell cell, int capacity) : IStash
{
    private readonly LinkedList<Envelope> _stashed = new();
    private int _lastId;

    public int Count => _stashed.Count;

    public bool IsEmpty => _stashed.Count == 0;

    public bool NonEmpty => _stashed.Count > 0;

    public bool IsFull => capacity >= 0 && _stashed.Count >= capacity;

    public int Capacity => capacity;

    public void Stash()
    {
        var current = cell.CurrentEnvelope;
        if (current.Message is null)
            throw new InvalidOperationException("There is no message to stash: none is being processed.");
        if (cell.CurrentEnvelopeId == _lastId)
            throw new IllegalActorStateException($"Can't stash the same message {current.Message} more than once");
        if (IsFull)
            throw new StashOverflowException(
                $"Couldn't enqueue message {current.Message.GetType().Name} from {cell.Sender} to stash of {cell.Self}: it holds {capacity}"
            );
        _stashed.AddLast(current);
        cell.CurrentIsStashed();
        _lastId = cell.CurrentEnvelopeId;
    }

    public void Unstash()
    {
        if (_stashed.First is not { } first)
            return;
        _stashed.RemoveFirst();
        cell.Mailbox.Prepend([first.Value]);
    }

    public void UnstashAll() => UnstashAll(_ => true);

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        if (_stashed.Count == 0)
            return;
        cell.Mailbox.Prepend([.. ClearStash().Where(predicate)]);
    }

    public IEnumerable<Envelope> ClearStash()
    {
        Envelope[] all = [.. _stashed];
        _stashed.Clear();
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Reverse())
            _stashed.AddFirst(envelope);
    }
}
