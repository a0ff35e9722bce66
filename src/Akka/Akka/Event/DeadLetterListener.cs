using System.Diagnostics;
using System.Globalization;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Logs dead letters, up to a number; falls silent then, for a time or for good.</summary>
public class DeadLetterListener : ActorBase
{
    private readonly EventStream _eventStream = Context.System.EventStream;
    private readonly int _most = Context.System.Settings.LogDeadLetters;
    private readonly TimeSpan _silence = Context.System.Settings.LogDeadLettersSuspendDuration;
    private int _count;
    private long _silentSince;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _eventStream.Subscribe(Self, typeof(DeadLetter));
        _eventStream.Subscribe(Self, typeof(Dropped));
        _eventStream.Subscribe(Self, typeof(UnhandledMessage));
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason) { }

    /// <inheritdoc/>
    protected override void PostStop() => _eventStream.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter)
            return false;
        if (letter.Message is IDeadLetterSuppression)
            return true;
        _count++;
        if (_silentSince != 0)
        {
            if (Stopwatch.GetElapsedTime(_silentSince) < _silence)
                return true;
            _silentSince = 0;
            Print(letter, $", of which {_count - _most - 1} were not logged. The counter will be reset now");
            _count = 0;
        }
        else if (_most == int.MaxValue || _count < _most)
        {
            Print(letter, "");
        }
        else if (_silence == Timeout.InfiniteTimeSpan || _silence <= TimeSpan.Zero)
        {
            Print(letter, ", no more dead letters will be logged");
            Context.Stop(Self);
        }
        else
        {
            Print(letter, $", no more dead letters will be logged in next [{_silence}]");
            _silentSince = Stopwatch.GetTimestamp();
        }
        return true;
    }

    private void Print(AllDeadLetters letter, string end)
    {
        var name = WrappedMessage.Unwrap(letter.Message).GetType().Name;
        var wrapped = letter.Message is IWrappedMessage ? $" wrapped in [${letter.Message.GetType().Name}]" : "";
        var from = IsReal(letter.Sender) ? $" from {letter.Sender}" : "";
        var to = letter is DeadLetter || IsReal(letter.Recipient) ? $" to {letter.Recipient}" : "";
        var what = letter switch
        {
            Dropped dropped => $"was dropped. {dropped.Reason}",
            UnhandledMessage => "was unhandled",
            _ => "was not delivered",
        };
        _eventStream.Publish(
            new Info(
                letter.Recipient.Path.ToString(),
                letter.Recipient.GetType(),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Message [{name}]{wrapped}{from}{to} {what}. [{_count}] dead letters encountered{end}. "
                )
                    + "This logging can be turned off or adjusted with configuration settings 'akka.log-dead-letters' and 'akka.log-dead-letters-during-shutdown'."
            )
        );
    }

    private static bool IsReal(IActorRef? reference) =>
        !reference.IsNobody() && !reference!.Equals(Context.System.DeadLetters);
}
