namespace Akka.Persistence.Journal;

/// <summary>Turns events into what a journal stores.</summary>
public interface IWriteEventAdapter
{
    /// <summary>A hint of the stored form; empty when the type says it all.</summary>
    string Manifest(object evt);

    /// <summary>What to store: the event, another object, or either within a <see cref="Tagged"/>.</summary>
    object ToJournal(object evt);
}

/// <summary>Turns what a journal stores into events.</summary>
public interface IReadEventAdapter
{
    IEventSequence FromJournal(object evt, string manifest);
}

/// <summary>Adapts events both ways.</summary>
public interface IEventAdapter : IWriteEventAdapter, IReadEventAdapter;

/// <summary>Leaves events as they are.</summary>
public sealed class IdentityEventAdapter : IEventAdapter
{
    private IdentityEventAdapter() { }

    public static IdentityEventAdapter Instance { get; } = new();

    public string Manifest(object evt) => string.Empty;

    public object ToJournal(object evt) => evt;

    public IEventSequence FromJournal(object evt, string manifest) => EventSequence.Single(evt);
}

/// <summary>Several adapters of one type: each gives its events, in turn. It cannot write.</summary>
public sealed class CombinedReadEventAdapter(IEnumerable<IEventAdapter> adapters) : IEventAdapter
{
    public IEnumerable<IEventAdapter> Adapters { get; } = [.. adapters];

    public string Manifest(object evt) => throw CannotWrite(evt);

    public object ToJournal(object evt) => throw CannotWrite(evt);

    public IEventSequence FromJournal(object evt, string manifest) =>
        EventSequence.Create(Adapters.SelectMany(a => a.FromJournal(evt, manifest).Events));

    private static InvalidOperationException CannotWrite(object evt) =>
        new($"Several event adapters are bound to {evt.GetType()}: they read, but do not say how to write.");
}

internal sealed class WriteOnlyAdapter(IWriteEventAdapter write) : IEventAdapter
{
    public string Manifest(object evt) => write.Manifest(evt);

    public object ToJournal(object evt) => write.ToJournal(evt);

    public IEventSequence FromJournal(object evt, string manifest) => EventSequence.Single(evt);
}

internal sealed class ReadOnlyAdapter(IReadEventAdapter read) : IEventAdapter
{
    public string Manifest(object evt) => string.Empty;

    public object ToJournal(object evt) => evt;

    public IEventSequence FromJournal(object evt, string manifest) => read.FromJournal(evt, manifest);
}
