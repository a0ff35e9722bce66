namespace Akka.Persistence;

/// <summary>Handlers in the order of their declaration; the first that takes a message wins.</summary>
internal sealed class MessageHandlers
{
    private readonly List<Func<object, bool>> _handlers = [];

    public void Add<T>(Func<T, bool> handler) => _handlers.Add(message => message is T typed && handler(typed));

    public void Add<T>(Action<T> handler, Predicate<T>? shouldHandle) =>
        _handlers.Add(message =>
        {
            if (message is not T typed || shouldHandle?.Invoke(typed) == false)
                return false;
            handler(typed);
            return true;
        });

    public void Add(Type type, Func<object, bool> handler) =>
        _handlers.Add(message => type.IsInstanceOfType(message) && handler(message));

    public void Add(Type type, Action<object> handler, Predicate<object>? shouldHandle) =>
        Add(handler, message => type.IsInstanceOfType(message) && shouldHandle?.Invoke(message) != false);

    public bool TryHandle(object message)
    {
        foreach (var handler in _handlers)
        {
            if (handler(message))
                return true;
        }
        return false;
    }
}
