using Akka.Configuration;
using Akka.Util;

namespace Akka.Actor;

/// <summary>Where an actor is placed.</summary>
public abstract class Scope : IEquatable<Scope>
{
    /// <summary>In this process.</summary>
    public static readonly LocalScope Local = LocalScope.Instance;

    /// <summary>This scope, or the other where this says nothing.</summary>
    public abstract Scope WithFallback(Scope other);

    /// <inheritdoc/>
    public virtual bool Equals(Scope? other) => other is not null && other.GetType() == GetType();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Scope);

    /// <inheritdoc/>
    public override int GetHashCode() => GetType().GetHashCode();
}

/// <summary>In this process.</summary>
public class LocalScope : Scope
{
    private LocalScope() { }

    /// <summary>The one value.</summary>
    public static LocalScope Instance { get; } = new();

    /// <inheritdoc/>
    public override Scope WithFallback(Scope other) => this;
}

internal sealed class NoScope : Scope
{
    public override Scope WithFallback(Scope other) => other;
}

/// <summary>How an actor is deployed: what its code or the configuration under its path asks for.</summary>
public class Deploy : IEquatable<Deploy>
{
    /// <summary>Says nothing of a dispatcher.</summary>
    public static readonly string NoDispatcherGiven = string.Empty;

    /// <summary>Says nothing of a mailbox.</summary>
    public static readonly string NoMailboxGiven = string.Empty;

    /// <summary>Says nothing of the stash.</summary>
    public const int NoStashSize = -1;

    /// <summary>Says nothing of the place.</summary>
    public static readonly Scope NoScopeGiven = new NoScope();

    /// <summary>In this process.</summary>
    public static readonly Deploy Local = new(Scope.Local);

    /// <summary>Says nothing.</summary>
    public static readonly Deploy None = new();

    /// <summary>Says nothing.</summary>
    public Deploy()
        : this(NoScopeGiven) { }

    /// <summary>Says where.</summary>
    public Deploy(Scope scope)
        : this(string.Empty, scope) { }

    /// <summary>Says where, for one path.</summary>
    public Deploy(string path, Scope scope)
        : this(path, null, scope, NoDispatcherGiven, NoMailboxGiven, NoStashSize) { }

    internal Deploy(string path, Config? config, Scope scope, string dispatcher, string mailbox, int stashCapacity)
    {
        Path = path;
        Config = config ?? Config.Empty;
        Scope = scope;
        Dispatcher = dispatcher;
        Mailbox = mailbox;
        StashCapacity = stashCapacity;
    }

    /// <summary>The path that it is for, below the guardian.</summary>
    public string Path { get; }

    /// <summary>The section of the configuration that it came from.</summary>
    public Config Config { get; }

    /// <summary>The place.</summary>
    public Scope Scope { get; }

    /// <summary>The dispatcher.</summary>
    public string Dispatcher { get; }

    /// <summary>The mailbox.</summary>
    public string Mailbox { get; }

    /// <summary>How many messages the stash may hold; negative without a limit.</summary>
    public int StashCapacity { get; }

    /// <summary>A copy with another dispatcher.</summary>
    public virtual Deploy WithDispatcher(string dispatcher) =>
        new(Path, Config, Scope, dispatcher, Mailbox, StashCapacity);

    /// <summary>A copy with another mailbox.</summary>
    public virtual Deploy WithMailbox(string mailbox) => new(Path, Config, Scope, Dispatcher, mailbox, StashCapacity);

    /// <summary>A copy with another place.</summary>
    public virtual Deploy WithScope(Scope scope) => new(Path, Config, scope, Dispatcher, Mailbox, StashCapacity);

    /// <summary>A copy with another stash.</summary>
    public virtual Deploy WithStashCapacity(int stashSize) => new(Path, Config, Scope, Dispatcher, Mailbox, stashSize);

    /// <summary>This, and <paramref name="other"/> where this says nothing.</summary>
    public virtual Deploy WithFallback(Deploy other) =>
        new(
            Path,
            ReferenceEquals(Config, other.Config) ? Config : Config.WithFallback(other.Config),
            Scope.WithFallback(other.Scope),
            string.IsNullOrEmpty(Dispatcher) ? other.Dispatcher : Dispatcher,
            string.IsNullOrEmpty(Mailbox) ? other.Mailbox : Mailbox,
            StashCapacity == NoStashSize ? other.StashCapacity : StashCapacity
        );

    /// <inheritdoc/>
    public bool Equals(Deploy? other) =>
        other is not null
        && string.Equals(Path, other.Path, StringComparison.Ordinal)
        && string.Equals(Dispatcher, other.Dispatcher, StringComparison.Ordinal)
        && string.Equals(Mailbox, other.Mailbox, StringComparison.Ordinal)
        && StashCapacity == other.StashCapacity
        && Scope.Equals(other.Scope);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Deploy);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Dispatcher, Mailbox, StashCapacity);
}
