namespace Pbm;

/// <summary>What a script sees.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotConnected = 3;

    /// <summary>Ctrl+C ended a command that waits for something, before that was there: no script goes on as if it were.</summary>
    public const int Interrupted = 130;
}
