namespace Akka.Remote.Tests.FailureDetection;

/// <summary>A clock in milliseconds that a test moves.</summary>
internal sealed class ManualClock
{
    public long Now { get; private set; } = 1_000_000;

    public Clock Clock => () => Now;

    public void Advance(long milliseconds) => Now += milliseconds;
}
