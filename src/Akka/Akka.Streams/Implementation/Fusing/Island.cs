using Akka.Actor;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>
/// The interpreters that share one actor, and the list of events from outside that wait for it. A message is sent to the
/// actor only when it is neither running nor has one waiting, so a burst of events costs one message, and what an island
/// tells itself costs none.
/// </summary>
internal sealed class Island(int syncProcessingLimit)
{
    private static readonly IslandEvent Closed = new ClosedMark();

    private readonly List<GraphInterpreter> _interpreters = [];
    private IslandEvent? _incoming;
    private IslandEvent? _batch;
    private volatile IActorRef? _self;

    /// <summary>1 while the actor runs or is going to: from the start on, until it has nothing to do.</summary>
    private int _isAwake = 1;

    public IActorRef? Self => _self;

    /// <summary>True once every stage has ended.</summary>
    public bool IsCompleted => _interpreters.Count == 0;

    /// <summary>Adds stages; they start with the actor, or at its next turn.</summary>
    public void Add(GraphInterpreter interpreter)
    {
        _interpreters.Add(interpreter);
        Wake();
    }

    /// <summary>Hands an event in, from any thread.</summary>
    public void Post(IslandEvent item)
    {
        var head = Volatile.Read(ref _incoming);
        while (true)
        {
            if (ReferenceEquals(head, Closed))
            {
                item.Drop();
                return;
            }
            item.Next = head;
            var seen = Interlocked.CompareExchange(ref _incoming, item, head);
            if (ReferenceEquals(seen, head))
                break;
            head = seen;
        }
        if (head is null)
            Wake();
    }

    private void Wake()
    {
        if (Volatile.Read(ref _isAwake) == 0 && Interlocked.Exchange(ref _isAwake, 1) == 0)
            _self!.Tell(IslandActor.Resume, ActorRefs.NoSender);
    }

    public void Start(IActorRef self)
    {
        _self = self;
        Run();
    }

    /// <summary>
    /// One turn of the actor: as many events as the limit allows. What came from outside goes first, or a stream that always
    /// has something to do would never hear of it.
    /// </summary>
    public void Run()
    {
        var limit = syncProcessingLimit;
        for (var i = 0; i < _interpreters.Count; i++)
        {
            if (!_interpreters[i].IsStarted)
                _interpreters[i].Start();
        }
        var events = syncProcessingLimit;
        do
        {
            for (; events > 0 && NextEvent() is { } item; events--)
            {
                var interpreter = item.Logic.Interpreter;
                interpreter.RunAsync(item);
                limit = interpreter.Execute(limit);
            }
            // Each has a share, whatever the others have used up.
            for (var i = 0; i < _interpreters.Count; i++)
            {
                if (!_interpreters[i].IsStarted)
                    _interpreters[i].Start();
                var share = Math.Max(limit, syncProcessingLimit / _interpreters.Count);
                limit -= share - _interpreters[i].Execute(share);
            }
            // Streams that run in a stage tell it by events: those are worth another round.
        } while (limit > 0 && events > 0 && Volatile.Read(ref _incoming) is not null);
        _interpreters.RemoveAll(static interpreter => interpreter.IsCompleted);
        if (IsCompleted)
            return;
        if (_batch is not null || _interpreters.Exists(static i => !i.IsStarted || i.HasEvents))
        {
            _self!.Tell(IslandActor.Resume, ActorRefs.NoSender);
            return;
        }
        // Who posts from here on wakes the actor; what came before is looked for, with a full fence between the two.
        Interlocked.Exchange(ref _isAwake, 0);
        if (Volatile.Read(ref _incoming) is not null)
            Wake();
    }

    /// <summary>The actor has stopped: ends what still runs, and drops every event from now on.</summary>
    public void Stop(Exception reason)
    {
        var dropped = Reversed(Interlocked.Exchange(ref _incoming, Closed));
        foreach (var interpreter in _interpreters.ToArray())
            interpreter.Abort(reason, syncProcessingLimit);
        _interpreters.Clear();
        Drop(_batch);
        Drop(dropped);
        _batch = null;
    }

    private IslandEvent? NextEvent()
    {
        var item = _batch ?? Reversed(Interlocked.Exchange(ref _incoming, null));
        if (item is null)
            return null;
        _batch = item.Next;
        item.Next = null;
        return item;
    }

    private static void Drop(IslandEvent? item)
    {
        while (item is not null)
        {
            var next = item.Next;
            item.Drop();
            item = next;
        }
    }

    /// <summary>The list is last in, first out; events run in the order they came.</summary>
    private static IslandEvent? Reversed(IslandEvent? item)
    {
        IslandEvent? result = null;
        while (item is not null)
        {
            var next = item.Next;
            item.Next = result;
            result = item;
            item = next;
        }
        return result;
    }

    private sealed class ClosedMark() : IslandEvent(null)
    {
        public override void Run() { }
    }
}
