namespace Akka.Streams;

/// <summary>What a full buffer does with a new element.</summary>
public enum OverflowStrategy
{
    /// <summary>Drop the oldest element.</summary>
    DropHead = 2,

    /// <summary>Drop the youngest element.</summary>
    DropTail,

    /// <summary>Drop everything.</summary>
    DropBuffer,

    /// <summary>Drop the new element.</summary>
    DropNew,

    /// <summary>Make upstream wait.</summary>
    Backpressure,

    /// <summary>Fail the stream.</summary>
    Fail,
}

/// <summary>What a full delay buffer does with a new element.</summary>
public enum DelayOverflowStrategy
{
    /// <summary>Emit the oldest element before its time.</summary>
    EmitEarly = 0,

    /// <summary>Drop the oldest element.</summary>
    DropHead = 2,

    /// <summary>Drop the youngest element.</summary>
    DropTail,

    /// <summary>Drop everything.</summary>
    DropBuffer,

    /// <summary>Drop the new element.</summary>
    DropNew,

    /// <summary>Make upstream wait.</summary>
    Backpressure,

    /// <summary>Fail the stream.</summary>
    Fail,
}

/// <summary>How a throttle keeps to its rate.</summary>
public enum ThrottleMode
{
    /// <summary>Pause before emitting.</summary>
    Shaping,

    /// <summary>Fail when upstream is faster.</summary>
    Enforcing,
}
