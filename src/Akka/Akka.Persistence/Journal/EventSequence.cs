namespace Akka.Persistence.Journal;

/// <summary>What one stored object becomes on reading: no, one or several events.</summary>
public interface IEventSequence
{
    IEnumerable<object> Events { get; }
}

/// <summary>Becomes no event.</summary>
public interface IEmptyEventSequence : IEventSequence;

/// <summary>No event: what was stored is left out.</summary>
public sealed class EmptyEventSequence : IEmptyEventSequence
{
    public static readonly EmptyEventSequence Instance = new();

    private EmptyEventSequence() { }

    public IEnumerable<object> Events => [];
}

/// <summary>One event.</summary>
public readonly struct SingleEventSequence(object e) : IEventSequence
{
    private readonly object _event = e;

    public IEnumerable<object> Events => [_event];
}

/// <summary>Several events, in order.</summary>
public class EventSequence<T>(IEnumerable<object> events) : IEventSequence
{
    public IEnumerable<object> Events { get; } = [.. events];
}

/// <summary>Makes event sequences.</summary>
public static class EventSequence
{
    public static readonly IEventSequence Empty = EmptyEventSequence.Instance;

    public static IEventSequence Single(object e) => new SingleEventSequence(e);

    public static IEventSequence Create(params object[] events) => new EventSequence<object>(events);

    public static IEventSequence Create(IEnumerable<object> events) => new EventSequence<object>(events);
}
