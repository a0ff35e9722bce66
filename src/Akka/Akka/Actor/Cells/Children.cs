namespace Akka.Actor;

/// <summary>Why a cell waits for children to die.</summary>
internal abstract record SuspendReason
{
    public sealed record UserRequest : SuspendReason
    {
        public static readonly UserRequest Instance = new();
    }

    public sealed record Creation : SuspendReason
    {
        public static readonly Creation Instance = new();
    }

    public sealed record Recreation(Exception Cause) : SuspendReason;

    public sealed record Termination : SuspendReason
    {
        public static readonly Termination Instance = new();
    }
}

/// <summary>
/// The children of one actor. Other threads add to it (top-level actors, a materializer's) and look names up, so all
/// of it is under its own lock.
/// </summary>
internal sealed class Children : IReadOnlyCollection<Internal.ChildRestartStats>
{
    private readonly Lock _lock = new();
    private Dictionary<string, Internal.ChildRestartStats?>? _byName;
    private HashSet<IActorRef>? _dying;
    private SuspendReason? _reason;
    private bool _closed;
    private Internal.ChildRestartStats[]? _snapshot;

    /// <summary>All children; a snapshot.</summary>
    public Internal.ChildRestartStats[] All
    {
        get
        {
            lock (_lock)
                return _snapshot ??= _byName is null ? [] : [.. _byName.Values.OfType<Internal.ChildRestartStats>()];
        }
    }

    public int Count => All.Length;

    // Looked at only by who needs all: a parent of many children cannot afford a copy for each that dies.
    public IEnumerator<Internal.ChildRestartStats> GetEnumerator() =>
        ((IEnumerable<Internal.ChildRestartStats>)All).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    public bool IsTerminating
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>True while a restart, a new attempt to start or the end waits for children.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_lock)
                return _reason is not null and not SuspendReason.UserRequest;
        }
    }

    public void Reserve(string name)
    {
        lock (_lock)
        {
            if (_closed)
                throw new InvalidOperationException(
                    $"Cannot reserve actor name '{name}': the parent is terminating or has terminated."
                );
            _byName ??= new Dictionary<string, Internal.ChildRestartStats?>(StringComparer.Ordinal);
            if (!_byName.TryAdd(name, null))
                throw new InvalidActorNameException($"Actor name \"{name}\" is not unique!");
        }
    }

    public void Unreserve(string name)
    {
        lock (_lock)
        {
            if (_byName is not null && _byName.TryGetValue(name, out var stats) && stats is null)
                _byName.Remove(name);
        }
    }

    /// <summary>Fills a reserved name; false when the parent stopped meanwhile.</summary>
    public bool Init(IInternalActorRef child)
    {
        lock (_lock)
        {
            if (_closed || _byName is null)
                return false;
            _byName[child.Path.Name] = new Internal.ChildRestartStats(child);
            _snapshot = null;
            return true;
        }
    }

    public Internal.ChildRestartStats? Find(string name)
    {
        lock (_lock)
            return _byName is not null && _byName.TryGetValue(name, out var stats) ? stats : null;
    }

    public Internal.ChildRestartStats? Find(IActorRef child)
    {
        var stats = Find(child.Path.Name);
        return stats is not null && stats.Child.Equals(child) ? stats : null;
    }

    public void ShallDie(IActorRef child)
    {
        lock (_lock)
        {
            (_dying ??= []).Add(child);
            _reason ??= SuspendReason.UserRequest.Instance;
        }
    }

    /// <summary>Has <paramref name="reason"/> done when the last dying child is gone; false when none is dying.</summary>
    public bool WaitFor(SuspendReason reason)
    {
        lock (_lock)
        {
            if (_dying is null || _dying.Count == 0)
                return false;
            _reason = reason;
            return true;
        }
    }

    /// <summary>Removes a child that died; gives the reason that waited for it, when it was the last.</summary>
    public SuspendReason? Remove(IActorRef child)
    {
        lock (_lock)
        {
            if (
                _byName is not null
                && _byName.TryGetValue(child.Path.Name, out var stats)
                && stats?.Child.Equals(child) == true
            )
            {
                _byName.Remove(child.Path.Name);
                _snapshot = null;
            }
            if (_dying is null || !_dying.Remove(child) || _dying.Count > 0)
                return null;
            var reason = _reason;
            if (reason is not SuspendReason.Termination)
                _reason = null;
            return reason;
        }
    }

    /// <summary>Takes no children any more.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>Forgets all children.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _byName = null;
            _dying = null;
            _snapshot = null;
        }
    }
}
