using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Persistence.Journal;

/// <summary>What is done about events of two writers that were active at once.</summary>
public enum ReplayFilterMode
{
    Fail,
    Warn,
    RepairByDiscardOld,
    Disabled,
}

internal sealed record ReplayFilterSettings(ReplayFilterMode Mode, int WindowSize, int MaxOldWriters, bool Debug)
{
    public static ReplayFilterSettings Read(Config config)
    {
        var mode = config.GetString("replay-filter.mode", "off") switch
        {
            "repair-by-discard-old" => ReplayFilterMode.RepairByDiscardOld,
            "fail" => ReplayFilterMode.Fail,
            "warn" => ReplayFilterMode.Warn,
            "off" or "disabled" => ReplayFilterMode.Disabled,
            var other => throw new ConfigurationException(
                $"replay-filter.mode: '{other}' is none of repair-by-discard-old, fail, warn, off"
            ),
        };
        return new(
            mode,
            config.GetInt("replay-filter.window-size"),
            config.GetInt("replay-filter.max-old-writers"),
            config.GetBoolean("replay-filter.debug")
        );
    }
}

/// <summary>
/// Stands between a replaying journal and its actor and finds events of two writers that were active at once: after the first
/// event of a new writer, any of an older one is what the new writer could not have seen.
/// </summary>
public class ReplayFilter : ActorBase
{
    private readonly LinkedList<ReplayedMessage> _window = new();
    private readonly LinkedList<string> _oldWriters = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private string _writer = string.Empty;
    private long _lastSequenceNr;

    public ReplayFilter(
        IActorRef persistentActor,
        ReplayFilterMode mode,
        int windowSize,
        int maxOldWriters,
        bool debugEnabled
    )
    {
        PersistentActor = persistentActor;
        Mode = mode;
        WindowSize = windowSize;
        MaxOldWriters = maxOldWriters;
        DebugEnabled = debugEnabled;
    }

    public IActorRef PersistentActor { get; }

    public ReplayFilterMode Mode { get; }

    /// <summary>Events held back, so that an overtaken one can still be dropped.</summary>
    public int WindowSize { get; }

    public int MaxOldWriters { get; }

    public bool DebugEnabled { get; }

    public static Props Props(
        IActorRef persistentActor,
        ReplayFilterMode mode,
        int windowSize,
        int maxOldWriters,
        bool debugEnabled
    ) =>
        Akka.Actor.Props.Create(() => new ReplayFilter(persistentActor, mode, windowSize, maxOldWriters, debugEnabled));

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case ReplayedMessage replayed:
                if (DebugEnabled && _log.IsDebugEnabled)
                    _log.Debug("Replayed event: {0}", replayed.Persistent);
                Take(replayed);
                return true;
            case RecoverySuccess or ReplayMessagesFailure:
                Release(0);
                PersistentActor.Tell(message, ActorRefs.NoSender);
                Context.Stop(Self);
                return true;
            default:
                return false;
        }
    }

    private void Take(ReplayedMessage replayed)
    {
        Release(WindowSize - 1);
        var stored = replayed.Persistent;
        if (string.Equals(stored.WriterGuid, _writer, StringComparison.Ordinal))
        {
            // One writer cannot have given a number twice; such an event is passed on under a warning at most.
            if (stored.SequenceNr < _lastSequenceNr && !Accept(stored, "comes after a higher sequence number"))
                return;
        }
        else if (_oldWriters.Contains(stored.WriterGuid))
        {
            if (!Accept(stored, "was written by a writer that had been replaced"))
                return;
        }
        else
        {
            ReplaceWriter(stored);
        }
        _lastSequenceNr = stored.SequenceNr;
        _window.AddLast(replayed);
    }

    private void ReplaceWriter(IPersistentRepresentation first)
    {
        if (_writer.Length > 0)
            _oldWriters.AddLast(_writer);
        if (_oldWriters.Count > MaxOldWriters)
            _oldWriters.RemoveFirst();
        _writer = first.WriterGuid;
        // What the writer before it wrote from this number on, this one has written anew.
        for (var node = _window.First; node is not null; )
        {
            var next = node.Next;
            var overtaken = node.Value.Persistent;
            if (overtaken.SequenceNr >= first.SequenceNr && !Accept(overtaken, "was overtaken by a new writer"))
                _window.Remove(node);
            node = next;
        }
    }

    /// <summary>Says whether an event that is out of line goes on, as the mode wants it.</summary>
    private bool Accept(IPersistentRepresentation stored, string what)
    {
        var text =
            $"Replay of '{stored.PersistenceId}': event {stored.SequenceNr} of writer {stored.WriterGuid} {what}";
        switch (Mode)
        {
            case ReplayFilterMode.RepairByDiscardOld:
                _log.Warning("{0}; it is discarded", text);
                return false;
            case ReplayFilterMode.Fail:
                _log.Error("{0}; the replay fails", text);
                Fail(new InvalidOperationException(text));
                return false;
            default:
                _log.Warning("{0}", text);
                return true;
        }
    }

    private void Fail(InvalidOperationException cause)
    {
        _window.Clear();
        PersistentActor.Tell(new ReplayMessagesFailure(cause), ActorRefs.NoSender);
        Context.Become(static _ => true);
        Context.Stop(Self);
    }

    private void Release(int keep)
    {
        while (_window.Count > keep && _window.First is { } oldest)
        {
            _window.RemoveFirst();
            PersistentActor.Tell(oldest.Value, ActorRefs.NoSender);
        }
    }
}
