namespace Akka.Actor;

public partial class ActorCell
{
    private readonly Children _children = new();
    private long _nextName = -1;
    private Dictionary<string, FunctionRef>? _functionRefs;

    internal Children ChildrenContainer => _children;

    /// <inheritdoc/>
    public virtual IActorRef ActorOf(Props props, string? name = null) => MakeChild(props, name, systemService: false);

    internal IActorRef AttachChild(Props props, bool isSystemService, string? name = null) =>
        MakeChild(props, name, isSystemService);

    /// <inheritdoc/>
    public IActorRef Child(string name) => _children.Find(name)?.Child ?? (IActorRef)ActorRefs.Nobody;

    /// <summary>All children.</summary>
    public IEnumerable<IInternalActorRef> GetChildren() => _children.All.Select(stats => stats.Child);

    IEnumerable<IActorRef> IActorContext.GetChildren() => GetChildren();

    /// <inheritdoc/>
    public void Stop(IActorRef child)
    {
        if (_children.Find(child) is { } stats)
        {
            _children.ShallDie(stats.Child);
            stats.Child.Stop();
        }
        else
        {
            ((IInternalActorRef)child).Stop();
        }
    }

    /// <summary>A child, or a function reference, by one element of a path.</summary>
    internal IInternalActorRef GetSingleChild(string name)
    {
        var hash = name.IndexOf('#', StringComparison.Ordinal);
        var uid =
            hash < 0 ? 0
            : long.TryParse(
                name.AsSpan(hash + 1),
                global::System.Globalization.CultureInfo.InvariantCulture,
                out var number
            )
                ? number
            : -1;
        var bare = hash < 0 ? name : name[..hash];
        IInternalActorRef? found = _children.Find(bare)?.Child;
        if (found is null)
        {
            lock (_children)
                found = _functionRefs?.GetValueOrDefault(bare);
        }
        return found is not null && (uid == 0 || uid == found.Path.Uid) ? found : ActorRefs.Nobody;
    }

    /// <summary>A reference that runs <paramref name="tell"/> on the sender's thread, under the name of this actor.</summary>
    internal FunctionRef AddFunctionRef(Action<IActorRef, object> tell, string suffix = "")
    {
        var name = RandomName("$$") + (suffix.Length == 0 ? "" : "-" + suffix);
        var path = new ChildActorPath(_self.Path, name, ActorUid.Next());
        var reference = new FunctionRef(path, SystemImpl.Provider, SystemImpl.EventStream, tell);
        lock (_children)
            (_functionRefs ??= new Dictionary<string, FunctionRef>(StringComparer.Ordinal)).Add(name, reference);
        return reference;
    }

    internal bool RemoveFunctionRef(FunctionRef reference)
    {
        lock (_children)
        {
            if (_functionRefs is null || !_functionRefs.Remove(reference.Path.Name))
                return false;
        }
        reference.Stop();
        return true;
    }

    private void StopFunctionRefs()
    {
        FunctionRef[] all;
        lock (_children)
        {
            all = _functionRefs is null ? [] : [.. _functionRefs.Values];
            _functionRefs = null;
        }
        foreach (var reference in all)
            reference.Stop();
    }

    private IInternalActorRef MakeChild(Props props, string? name, bool systemService)
    {
        var childName = name is null ? RandomName("$") : CheckName(name);
        _children.Reserve(childName);
        IInternalActorRef child;
        try
        {
            var path = new ChildActorPath(_self.Path, childName, ActorUid.Next());
            child = SystemImpl.Provider.ActorOf(
                SystemImpl,
                props,
                _self,
                path,
                systemService,
                deploy: null,
                lookupDeploy: true,
                async: false
            );
        }
        catch
        {
            _children.Unreserve(childName);
            throw;
        }
        // A failed parent holds its children back until it goes on.
        for (var i = Mailbox?.SuspendCount ?? 0; i > 0; i--)
            child.Suspend();
        if (!_children.Init(child))
            throw new InvalidOperationException(
                $"Cannot create child '{childName}': the parent is terminating or has terminated."
            );
        child.Start();
        return child;
    }

    private static string CheckName(string name)
    {
        if (name.Length == 0)
            throw new InvalidActorNameException("Actor name must not be empty.");
        if (!ActorPath.IsValidPathElement(name))
            throw new InvalidActorNameException(
                $"Illegal actor name [{name}]. Names must not start with `$`, and may include only ASCII letters, digits and {ActorPath.ValidSymbols}"
            );
        return name;
    }

    private string RandomName(string prefix)
    {
        const string Digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
        Span<char> name = stackalloc char[16];
        var length = 0;
        var left = Interlocked.Increment(ref _nextName);
        do
        {
            name[length++] = Digits[(int)(left & 63)];
            left >>= 6;
        } while (left > 0);
        return string.Concat(prefix, name[..length]);
    }
}
