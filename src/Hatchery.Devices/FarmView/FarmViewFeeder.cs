using Akka.Actor;
using Akka.Event;
using Akka.Streams;

namespace Hatchery.Devices;

/// <summary>Feeds the farm view from the journal, and saves its checkpoint when something changed.</summary>
public sealed class FarmViewFeeder : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan s_checkpointInterval = TimeSpan.FromSeconds(10);

    private readonly FarmView _view;
    private readonly string _checkpointPath;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private UniqueKillSwitch? _reading;
    private long _savedOffset;

    /// <param name="savedOffset">Of the checkpoint that is there; 0: of none. What was read of the journal since then is worth one.</param>
    public FarmViewFeeder(FarmView view, string checkpointPath, long savedOffset)
    {
        (_view, _checkpointPath, _savedOffset) = (view, checkpointPath, savedOffset);
        Receive<SaveCheckpoint>(_ => Save());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(FarmView view, string checkpointPath, long savedOffset) =>
        Akka.Actor.Props.Create(() => new FarmViewFeeder(view, checkpointPath, savedOffset));

    protected override void PreStart()
    {
        _reading = FarmJournal.Follow(Context.System, _view);
        Timers.StartPeriodicTimer(nameof(SaveCheckpoint), new SaveCheckpoint(), s_checkpointInterval);
    }

    protected override void PostStop()
    {
        _reading?.Shutdown();
        Save();
    }

    private void Save()
    {
        if (_view.Current.Offset == _savedOffset)
            return;
        try
        {
            _savedOffset = _view.Current.Offset;
            _view.Save(_checkpointPath);
        }
        catch (IOException notWritten)
        {
            _log.Warning(notWritten, "the farm view's checkpoint {0} was not written", _checkpointPath);
        }
    }

    private sealed record SaveCheckpoint;
}
