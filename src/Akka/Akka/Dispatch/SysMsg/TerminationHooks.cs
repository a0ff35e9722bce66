namespace Akka.Dispatch.SysMsg;

/// <summary>Asks the system guardian to be told before the engine's own actors stop.</summary>
public sealed class RegisterTerminationHook
{
    private RegisterTerminationHook() { }

    /// <summary>The one value.</summary>
    public static RegisterTerminationHook Instance { get; } = new();
}

/// <summary>Tells a hook that the application's actors have stopped.</summary>
public sealed class TerminationHook
{
    private TerminationHook() { }

    /// <summary>The one value.</summary>
    public static TerminationHook Instance { get; } = new();
}

/// <summary>A hook is done.</summary>
public sealed class TerminationHookDone
{
    private TerminationHookDone() { }

    /// <summary>The one value.</summary>
    public static TerminationHookDone Instance { get; } = new();
}
