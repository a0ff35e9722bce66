using Akka.Actor;

namespace Akka.Persistence;

/// <summary>
/// A persistent actor that declares a handler for each kind of command and event; the first one that takes a message wins.
/// </summary>
public abstract class ReceivePersistentActor : UntypedPersistentActor
{
    private readonly HandlerSet _recover = new();
    private readonly HandlerSet _initialCommands = new();

    // Where declarations go: the initial commands, or those of the behaviour that Become is setting up.
    private HandlerSet _declared;

    protected ReceivePersistentActor() => _declared = _initialCommands;

    protected sealed override void OnCommand(object message) => Dispatch(_initialCommands, message);

    protected sealed override void OnRecover(object message) => Dispatch(_recover, message);

    protected void Become(Action configure)
    {
        var handlers = Declare(configure);
        Become(message => Dispatch(handlers, message));
    }

    protected void BecomeStacked(Action configure)
    {
        var handlers = Declare(configure);
        BecomeStacked(message => Dispatch(handlers, message));
    }

    protected void Recover<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        _recover.Add(handler, shouldHandle);

    protected void Recover<T>(Predicate<T> shouldHandle, Action<T> handler) => _recover.Add(handler, shouldHandle);

    protected void Recover<T>(Func<T, bool> handler) => _recover.Add(handler);

    protected void Recover(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        _recover.Add(messageType, handler, shouldHandle);

    protected void Recover(Type messageType, Predicate<object> shouldHandle, Action<object> handler) =>
        _recover.Add(messageType, handler, shouldHandle);

    protected void Recover(Type messageType, Func<object, bool> handler) => _recover.Add(messageType, handler);

    protected void RecoverAny(Action<object> handler) => _recover.Add(handler, shouldHandle: null);

    protected void Command<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        _declared.Add(handler, shouldHandle);

    protected void Command<T>(Predicate<T> shouldHandle, Action<T> handler) => _declared.Add(handler, shouldHandle);

    protected void Command<T>(Func<T, bool> handler) => _declared.Add(handler);

    protected void Command(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        _declared.Add(messageType, handler, shouldHandle);

    protected void Command(Type messageType, Predicate<object> shouldHandle, Action<object> handler) =>
        _declared.Add(messageType, handler, shouldHandle);

    protected void Command(Type messageType, Func<object, bool> handler) => _declared.Add(messageType, handler);

    protected void Command(Action<object> handler) => CommandAny(handler);

    protected void CommandAny(Action<object> handler) => _declared.Add(handler, shouldHandle: null);

    protected void CommandAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        _declared.Add<T>(message => RunTask(() => handler(message)), shouldHandle);

    protected void CommandAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) =>
        CommandAsync(handler, shouldHandle);

    protected void CommandAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        _declared.Add(messageType, message => RunTask(() => handler(message)), shouldHandle);

    protected void CommandAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        CommandAsync(messageType, handler, shouldHandle);

    protected void CommandAnyAsync(Func<object, Task> handler) => CommandAsync(handler);

    private HandlerSet Declare(Action configure)
    {
        var outer = _declared;
        var handlers = _declared = new HandlerSet();
        try
        {
            configure();
        }
        finally
        {
            _declared = outer;
        }
        return handlers;
    }

    private void Dispatch(HandlerSet handlers, object message)
    {
        if (!handlers.Handle(message))
            Unhandled(message);
    }
}
