using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The engine's side of one actor: its state between and around messages.</summary>
public partial class ActorCell : IUntypedActorContext
{
    [ThreadStatic]
    private static ActorCell? _current;

    private readonly InternalActorRefBase _self;
    private readonly Stack<Receive> _behaviours = new();
    private ActorBase? _actor;
    private Envelope _envelope;
    private ActorTaskScheduler? _taskScheduler;
    private TimerScheduler? _timers;
    private int _pendingTasks;
    private bool _terminated;
    private bool _released;

    internal ActorCell(
        Internal.ActorSystemImpl system,
        InternalActorRefBase self,
        Props props,
        MessageDispatcher dispatcher,
        IInternalActorRef parent
    )
    {
        SystemImpl = system;
        _self = self;
        Props = props;
        Dispatcher = dispatcher;
        Parent = parent;
    }

    /// <summary>The cell whose actor runs on this thread.</summary>
    internal static ActorCell? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>The system.</summary>
    public ActorSystem System => SystemImpl;

    /// <inheritdoc/>
    public IActorRef Self => _self;

    /// <inheritdoc/>
    public Props Props { get; }

    /// <inheritdoc/>
    public IActorRef Sender => _envelope.Sender ?? SystemImpl.DeadLetters;

    /// <summary>The parent.</summary>
    public IInternalActorRef Parent { get; }

    /// <inheritdoc/>
    public MessageDispatcher Dispatcher { get; }

    /// <summary>The message that is being handled.</summary>
    public object? CurrentMessage => _envelope.Message;

    /// <summary>True when the actor is gone.</summary>
    public bool IsTerminated => Volatile.Read(ref _terminated);

    IActorRef IActorContext.Parent => Parent;

    internal Internal.ActorSystemImpl SystemImpl { get; }

    internal Mailbox Mailbox { get; private set; } = null!;

    internal Envelope CurrentEnvelope => _envelope;

    /// <summary>Tells one delivery from the next, also where both bring the same object.</summary>
    internal int CurrentEnvelopeId { get; private set; }

    internal ActorBase? Actor => _actor;

    internal bool IsCreating { get; private set; }

    internal ActorTaskScheduler TaskScheduler => _taskScheduler ??= new ActorTaskScheduler(this);

    internal int StashCapacity => SystemImpl.Mailboxes.StashCapacity(Props);

    internal void Init(bool sendSupervise, MailboxType mailboxType)
    {
        Mailbox = new Mailbox(mailboxType.Create(_self, SystemImpl));
        Mailbox.Attach(this, Dispatcher);
        Mailbox.SystemEnqueue(_self, new Create());
        if (sendSupervise)
            Parent.SendSystemMessage(new Supervise(_self, async: false));
    }

    internal void Start()
    {
        Dispatcher.Attach(this);
        Dispatcher.RegisterForExecution(Mailbox, hasMessageHint: false, hasSystemMessageHint: true);
    }

    internal void SendMessage(IActorRef? sender, object message) =>
        Dispatcher.Dispatch(this, new Envelope(message, sender));

    internal void SendSystemMessage(ISystemMessage message) => Dispatcher.SystemDispatch(this, (SystemMessage)message);

    internal void Suspend() => SendSystemMessage(new Suspend());

    internal void Resume(Exception? causedByFailure) => SendSystemMessage(new Resume(causedByFailure));

    internal void Restart(Exception cause) => SendSystemMessage(new Recreate(cause));

    internal void Stop() => SendSystemMessage(new Terminate());

    /// <summary>Takes an actor in from its own constructor, so that the constructor can already change the behaviour.</summary>
    internal void Adopt(ActorBase actor)
    {
        _actor = actor;
        _released = false;
        _behaviours.Push(actor.InvokeReceive);
        // Here, so that a constructor may start timers already.
        if (actor is IWithTimers timed)
            timed.Timers = _timers = new TimerScheduler(this);
    }

    /// <inheritdoc/>
    public void Become(Receive receive)
    {
        if (_behaviours.Count > 1)
            _behaviours.Pop();
        _behaviours.Push(receive);
    }

    /// <inheritdoc/>
    public void BecomeStacked(Receive receive) => _behaviours.Push(receive);

    /// <inheritdoc/>
    public void UnbecomeStacked()
    {
        if (_behaviours.Count > 1)
            _behaviours.Pop();
    }

    void IUntypedActorContext.Become(UntypedReceive receive) => Become(Wrapped(receive));

    void IUntypedActorContext.BecomeStacked(UntypedReceive receive) => BecomeStacked(Wrapped(receive));

    /// <inheritdoc/>
    public ActorSelection ActorSelection(string actorPath) =>
        ActorRefFactoryShared.ActorSelection(actorPath, SystemImpl, _self);

    /// <inheritdoc/>
    public ActorSelection ActorSelection(ActorPath actorPath) =>
        ActorRefFactoryShared.ActorSelection(actorPath, SystemImpl);

    /// <summary>Handles one message of the mailbox.</summary>
    internal void Invoke(Envelope envelope)
    {
        var influences = envelope.Message is not INotInfluenceReceiveTimeout;
        try
        {
            _envelope = envelope;
            CurrentEnvelopeId++;
            if (influences)
                PauseReceiveTimeout();
            if (envelope.Message is IAutoReceivedMessage)
                AutoReceive(envelope);
            else
                ReceiveMessage(envelope.Message);
            if (_pendingTasks == 0)
                _envelope = default;
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
        finally
        {
            if (influences)
                RearmReceiveTimeout();
            else
                ArmNewReceiveTimeout();
        }
    }

    internal void ReceiveMessage(object message)
    {
        if (message is TimerMessage timer)
        {
            if (_timers?.Intercept(timer) is not { } due)
                return;
            _envelope = new Envelope(due.Message, due.Sender ?? _envelope.Sender);
            message = due.Message;
            if (message is IAutoReceivedMessage)
            {
                AutoReceive(_envelope);
                return;
            }
        }
        _actor!.AroundReceive(_behaviours.Peek(), message);
    }

    private void AutoReceive(Envelope envelope)
    {
        if (SystemImpl.Settings.DebugAutoReceive)
            Log(new Debug(LogSource, LogClass, $"received AutoReceiveMessage {envelope.Message}"));
        switch (envelope.Message)
        {
            case Terminated terminated:
                ReceivedTerminated(terminated);
                break;
            case AddressTerminated terminated:
                AddressTerminated(terminated.Address);
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case PoisonPill:
                _self.Stop();
                break;
            case ActorSelectionMessage selection:
                ActorSelectionDelivery.Deliver(_self, envelope.Sender, selection);
                break;
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, _self), _self);
                break;
        }
    }

    /// <summary>Runs a piece of asynchronous work; user messages wait until it is done.</summary>
    internal void RunTask(Func<Task> work)
    {
        var first = new Task<Task>(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach);
        first.RunSynchronously(TaskScheduler);
        var task = first.GetAwaiter().GetResult();
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
            return;
        }
        var actor = _actor;
        if (_pendingTasks++ == 0)
            Mailbox.BeginAwait();
        _ = task.ContinueWith(
            (done, _) => Completed(done, actor),
            null,
            CancellationToken.None,
            TaskContinuationOptions.DenyChildAttach,
            TaskScheduler
        );
    }

    private void Completed(Task task, ActorBase? actor)
    {
        if (--_pendingTasks == 0)
            Mailbox.EndAwait();
        // What an incarnation before this one left running is not this one's failure.
        if (!task.IsCompletedSuccessfully && ReferenceEquals(actor, _actor) && _actor is not null)
        {
            var cause = task.IsCanceled ? new TaskCanceledException(task) : task.Exception!.GetBaseException();
            HandleInvokeFailure(cause);
        }
        else if (_pendingTasks == 0)
        {
            _envelope = default;
        }
        RearmReceiveTimeout();
    }

    private static Receive Wrapped(UntypedReceive receive) =>
        message =>
        {
            receive(message);
            return true;
        };

    private ActorBase NewActor()
    {
        var outer = _current;
        _current = this;
        _behaviours.Clear();
        _actor = null;
        IsCreating = true;
        ActorBase actor;
        try
        {
            actor = Props.NewActor() ?? throw new ActorInitializationException(_self, "The props made no actor.");
        }
        finally
        {
            IsCreating = false;
            _current = outer;
        }
        _actor = actor;
        (actor as IInitializableActor)?.Init();
        if (actor is IActorStash stashing)
            stashing.Stash = new MailboxStash(this, actor is IWithUnboundedStash ? Deploy.NoStashSize : StashCapacity);
        return actor;
    }

    private void ClearActor()
    {
        if (_actor is null || _released)
            return;
        _released = true;
        _timers?.CancelAll();
        _timers = null;
        var actor = _actor;
        _behaviours.Clear();
        try
        {
            Props.Release(actor);
        }
        catch (Exception cause)
        {
            Log(new Error(cause, _self.Path.ToString(), actor.GetType(), "Exception while releasing the actor"));
        }
    }

    internal void Log(LogEvent logEvent) => SystemImpl.EventStream.Publish(logEvent);

    private Type LogClass => _actor?.GetType() ?? Props.Type;

    private string LogSource => _self.Path.ToString();
}
