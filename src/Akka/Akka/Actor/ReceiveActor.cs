using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>An actor that the engine tells when its constructor is done.</summary>
internal interface IInitializableActor
{
    void Init();
}

/// <summary>An actor whose constructor says by type which messages it handles and how; the first handler that fits takes a message.</summary>
public abstract class ReceiveActor : UntypedActor, IInitializableActor
{
    private readonly HandlerSet _handlers = new();
    private HandlerSet? _configuring;

    /// <summary>Lets the constructor of a subclass add its handlers.</summary>
    protected ReceiveActor() => _configuring = _handlers;

    void IInitializableActor.Init() => _configuring = null;

    /// <inheritdoc/>
    protected sealed override void OnReceive(object message)
    {
        if (!_handlers.Handle(message))
            Unhandled(message);
    }

    /// <summary>Handles messages as <paramref name="configure"/> says from now on.</summary>
    protected void Become(Action configure) => base.Become(Configured(configure));

    /// <summary>Handles messages as <paramref name="configure"/> says until unbecome.</summary>
    protected void BecomeStacked(Action configure) => base.BecomeStacked(Configured(configure));

    /// <summary>Handles messages of type <typeparamref name="T"/> for which <paramref name="shouldHandle"/> holds.</summary>
    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        Handlers.Add(handler, shouldHandle);

    /// <summary>Handles messages of type <typeparamref name="T"/> for which <paramref name="shouldHandle"/> holds.</summary>
    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <summary>Handles messages of type <typeparamref name="T"/>; a handler that gives false lets the next one try.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Handlers.Add(handler);

    /// <summary>Handles messages of a type for which <paramref name="shouldHandle"/> holds.</summary>
    protected void Receive(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        Handlers.Add(messageType, handler, shouldHandle);

    /// <summary>Handles messages of a type for which <paramref name="shouldHandle"/> holds.</summary>
    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) =>
        Receive(messageType, handler, shouldHandle);

    /// <summary>Handles messages of a type; a handler that gives false lets the next one try.</summary>
    protected void Receive(Type messageType, Func<object, bool> handler) => Handlers.Add(messageType, handler);

    /// <summary>Handles every message that no handler before it took; none can follow.</summary>
    protected void ReceiveAny(Action<object> handler) => Receive(typeof(object), handler);

    /// <summary>Handles messages asynchronously; the next message waits until the task is done.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        Receive(message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);

    /// <summary>Handles messages asynchronously; the next message waits until the task is done.</summary>
    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) =>
        ReceiveAsync(handler, shouldHandle);

    /// <summary>Handles messages of a type asynchronously; the next message waits until the task is done.</summary>
    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        Receive(messageType, message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);

    /// <summary>Handles messages of a type asynchronously; the next message waits until the task is done.</summary>
    protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        ReceiveAsync(messageType, handler, shouldHandle);

    /// <summary>Handles every message that no handler before it took, asynchronously.</summary>
    protected void ReceiveAnyAsync(Func<object, Task> handler) => ReceiveAsync(typeof(object), handler);

    private HandlerSet Handlers =>
        _configuring
        ?? throw new InvalidOperationException(
            "You may only call Receive-methods when constructing the actor and inside Become()."
        );

    private Receive Configured(Action configure)
    {
        var outer = _configuring;
        var handlers = new HandlerSet();
        _configuring = handlers;
        try
        {
            configure();
        }
        finally
        {
            _configuring = outer;
        }
        return handlers.Handle;
    }
}
