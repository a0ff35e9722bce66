namespace Akka.Streams.Supervision;

/// <summary>What to do with a stage whose user code threw.</summary>
public enum Directive
{
    /// <summary>Fail the stream.</summary>
    Stop,

    /// <summary>Drop the element and go on, state kept.</summary>
    Resume,

    /// <summary>Drop the element and go on with fresh state.</summary>
    Restart,
}

/// <summary>Chooses a directive for an exception.</summary>
public delegate Directive Decider(Exception cause);

/// <summary>The usual deciders.</summary>
public static class Deciders
{
    public static readonly Decider StoppingDecider = _ => Directive.Stop;
    public static readonly Decider ResumingDecider = _ => Directive.Resume;
    public static readonly Decider RestartingDecider = _ => Directive.Restart;
}
