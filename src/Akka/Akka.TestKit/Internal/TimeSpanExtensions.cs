namespace Akka.TestKit.Internal;

internal static class TimeSpanExtensions
{
    public static bool IsInfinite(this TimeSpan time) => time < TimeSpan.Zero;

    public static TimeSpan OrSooner(this TimeSpan time, TimeSpan other) =>
        time.IsInfinite() ? other
        : other.IsInfinite() || time < other ? time
        : other;
}
