using System.Diagnostics;
using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>
/// The messages of one actor and the state of its run: never on two threads at once, and everything that one run
/// wrote is seen by the next, because each run begins and ends with an interlocked write of the state.
/// </summary>
internal sealed class Mailbox(IMessageQueue messageQueue) : IRunnable
{
    private const int Closed = 1;
    private const int Scheduled = 2;
    private const int Awaiting = 4;
    private const int SuspendUnit = 8;

    private static readonly SystemMessage NoMore = new NoMessage();

    private readonly Stack<Envelope> _front = new();
    private int _state;
    private volatile int _frontCount;
    private SystemMessage? _systemMessages;
    private ActorCell _cell = null!;

    public IMessageQueue MessageQueue { get; } = messageQueue;

    public MessageDispatcher Dispatcher { get; private set; } = null!;

    public bool IsClosed => (Volatile.Read(ref _state) & Closed) != 0;

    public int SuspendCount => Volatile.Read(ref _state) / SuspendUnit;

    public bool IsSuspended => SuspendCount > 0;

    public bool HasMessages => _frontCount > 0 || MessageQueue.HasMessages;

    public int NumberOfMessages => _frontCount + MessageQueue.Count;

    private bool HasSystemMessages
    {
        get
        {
            var head = Volatile.Read(ref _systemMessages);
            return head is not null && !ReferenceEquals(head, NoMore);
        }
    }

    public void Attach(ActorCell cell, MessageDispatcher dispatcher)
    {
        _cell = cell;
        Dispatcher = dispatcher;
    }

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        MessageQueue.Enqueue(receiver, envelope);
        // The actor may have died since the caller looked: what is left behind is a dead letter, not lost.
        if (IsClosed)
            DrainUserMessages();
    }

    /// <summary>Puts messages before all others. Only for the actor itself, in its run.</summary>
    public void Prepend(IReadOnlyList<Envelope> envelopes)
    {
        for (var i = envelopes.Count - 1; i >= 0; i--)
            _front.Push(envelopes[i]);
        _frontCount = _front.Count;
    }

    public void SystemEnqueue(IActorRef receiver, SystemMessage message)
    {
        while (true)
        {
            var head = Volatile.Read(ref _systemMessages);
            if (ReferenceEquals(head, NoMore))
            {
                _cell.SystemImpl.DeadLetters.Tell(new DeadLetter(message, receiver, receiver), receiver);
                return;
            }
            message.Next = head;
            if (Interlocked.CompareExchange(ref _systemMessages, message, head) == head)
                return;
        }
    }

    public bool CanBeScheduled(bool messageHint, bool systemMessageHint)
    {
        var state = Volatile.Read(ref _state);
        if ((state & Closed) != 0)
            return false;
        if (systemMessageHint || HasSystemMessages)
            return true;
        return (state & ~Scheduled) == 0 && (messageHint || HasMessages);
    }

    public bool SetAsScheduled()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if ((state & (Closed | Scheduled)) != 0)
                return false;
            if (Interlocked.CompareExchange(ref _state, state | Scheduled, state) == state)
                return true;
        }
    }

    public void Suspend() => Interlocked.Add(ref _state, SuspendUnit);

    /// <summary>True when user messages flow again.</summary>
    public bool Resume()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state < SuspendUnit)
                return (state & Awaiting) == 0;
            if (Interlocked.CompareExchange(ref _state, state - SuspendUnit, state) == state)
                return state - SuspendUnit < SuspendUnit;
        }
    }

    public void BeginAwait() => Interlocked.Or(ref _state, Awaiting);

    public void EndAwait() => Interlocked.And(ref _state, ~Awaiting);

    public void Run()
    {
        var outer = ActorCell.Current;
        ActorCell.Current = _cell;
        try
        {
            if (!IsClosed)
            {
                ProcessSystemMessages();
                ProcessMailbox();
            }
        }
        finally
        {
            ActorCell.Current = outer;
            Interlocked.And(ref _state, ~Scheduled);
            Dispatcher.RegisterForExecution(this, hasMessageHint: false, hasSystemMessageHint: false);
        }
    }

    public void Execute() => Run();

    /// <summary>Takes no more and turns what is left into dead letters.</summary>
    public void CloseAndCleanUp()
    {
        Interlocked.Or(ref _state, Closed);
        var left = Reversed(Interlocked.Exchange(ref _systemMessages, NoMore));
        while (left is not null)
        {
            var next = left.Next;
            left.Next = null;
            _cell.SystemImpl.DeadLetters.Tell(new DeadLetter(left, _cell.Self, _cell.Self), _cell.Self);
            left = next;
        }
        while (_front.TryPop(out var envelope))
            ToDeadLetters(envelope);
        _frontCount = 0;
        DrainUserMessages();
    }

    private void ProcessMailbox()
    {
        var left = Math.Max(Dispatcher.Throughput, 1);
        var deadline = Dispatcher.ThroughputDeadlineTime is { } ticks and > 0 ? Stopwatch.GetTimestamp() + ticks : 0;
        while ((Volatile.Read(ref _state) & ~Scheduled) == 0 && TryDequeue(out var envelope))
        {
            _cell.Invoke(envelope);
            if (Volatile.Read(ref _systemMessages) is not null)
                ProcessSystemMessages();
            if (--left <= 0 || (deadline > 0 && Stopwatch.GetTimestamp() >= deadline))
                return;
        }
    }

    private bool TryDequeue(out Envelope envelope)
    {
        if (_frontCount == 0)
            return MessageQueue.TryDequeue(out envelope);
        envelope = _front.Pop();
        _frontCount = _front.Count;
        return true;
    }

    private void ProcessSystemMessages()
    {
        while (!IsClosed && HasSystemMessages)
        {
            var message = Reversed(Interlocked.Exchange(ref _systemMessages, null));
            while (message is not null)
            {
                var next = message.Next;
                message.Next = null;
                if (IsClosed)
                    _cell.SystemImpl.DeadLetters.Tell(new DeadLetter(message, _cell.Self, _cell.Self), _cell.Self);
                else
                    _cell.SystemInvoke(message);
                message = next;
            }
        }
    }

    private void DrainUserMessages()
    {
        while (MessageQueue.TryDequeue(out var envelope))
            ToDeadLetters(envelope);
    }

    private void ToDeadLetters(Envelope envelope)
    {
        // A subscriber to dead letters that has ended: another dead letter would only come here again, for ever.
        if (envelope.Message is AllDeadLetters)
            return;
        _cell.SystemImpl.DeadLetters.Tell(
            new DeadLetter(envelope.Message, envelope.Sender ?? _cell.SystemImpl.DeadLetters, _cell.Self),
            envelope.Sender
        );
    }

    private static SystemMessage? Reversed(SystemMessage? message)
    {
        if (ReferenceEquals(message, NoMore))
            return null;
        SystemMessage? reversed = null;
        while (message is not null)
        {
            var next = message.Next;
            message.Next = reversed;
            reversed = message;
            message = next;
        }
        return reversed;
    }
}
