namespace Akka.Actor;

/// <summary>The handlers of one behaviour, in the order of their declaration; the first that takes a message wins.</summary>
internal sealed class HandlerSet
{
    private readonly List<(Type Type, Receive Handler)> _handlers = [];
    private readonly Dictionary<Type, Receive[]> _byType = [];
    private bool _catchesAll;

    public void Add<T>(Action<T> handler, Predicate<T>? shouldHandle) =>
        Add(
            typeof(T),
            shouldHandle is null,
            message =>
            {
                if (shouldHandle is not null && !shouldHandle((T)message))
                    return false;
                handler((T)message);
                return true;
            }
        );

    public void Add<T>(Func<T, bool> handler) => Add(typeof(T), catchesAll: false, message => handler((T)message));

    public void Add(Type type, Action<object> handler, Predicate<object>? shouldHandle) =>
        Add(
            type,
            shouldHandle is null,
            message =>
            {
                if (shouldHandle is not null && !shouldHandle(message))
                    return false;
                handler(message);
                return true;
            }
        );

    public void Add(Type type, Func<object, bool> handler) => Add(type, catchesAll: false, new Receive(handler));

    /// <summary>Gives a message to its handlers; false says that none took it.</summary>
    public bool Handle(object message)
    {
        var type = message.GetType();
        if (!_byType.TryGetValue(type, out var candidates))
        {
            candidates = [.. _handlers.Where(h => h.Type.IsAssignableFrom(type)).Select(h => h.Handler)];
            _byType.Add(type, candidates);
        }
        foreach (var candidate in candidates)
        {
            if (candidate(message))
                return true;
        }
        return false;
    }

    private void Add(Type type, bool catchesAll, Receive handler)
    {
        if (_catchesAll)
            throw new InvalidOperationException(
                "A handler that catches all messages has been added. No handler can be added after that."
            );
        _catchesAll = catchesAll && type == typeof(object);
        _handlers.Add((type, handler));
        _byType.Clear();
    }
}
