using System.Diagnostics.CodeAnalysis;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    // The moment by which the block that Within runs has to end; null outside such a block.
    private TimeSpan? end;
    private bool lastExpectedNoMessage;

    /// <summary>The time that is left of the innermost <c>Within</c>; at least zero.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public TimeSpan Remaining =>
        end is { } moment
            ? Left(moment)
            : throw new InvalidOperationException("'Remaining' may be asked only inside 'Within'");

    /// <summary>The time that is left of the innermost <c>Within</c>, or the default of a single expectation.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(settings.SingleExpectDefault));

    /// <summary><paramref name="duration"/> multiplied by <c>akka.test.timefactor</c>.</summary>
    public TimeSpan Dilated(TimeSpan duration) => duration.IsInfinite() ? duration : duration * settings.TestTimeFactor;

    /// <summary>The time that is left of the innermost <c>Within</c>, or <paramref name="duration"/>.</summary>
    protected TimeSpan RemainingOr(TimeSpan duration) => end is { } moment ? Left(moment) : duration;

    /// <summary>The dilated <paramref name="duration"/>; without one what is left, or the default.</summary>
    protected TimeSpan RemainingOrDilated(TimeSpan? duration) =>
        duration is { } given ? Dilated(given) : RemainingOrDefault;

    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => RemainingOrDilated(timeout);

    private static TimeSpan Left(TimeSpan moment) => moment > Now ? moment - Now : TimeSpan.Zero;

    private TimeSpan NotBeyondEnd(TimeSpan wait) => end is { } moment ? wait.OrSooner(Left(moment)) : wait;

    [DoesNotReturn]
    private void Fail(string text)
    {
        assertions.Fail("{0}", text);
        throw new InvalidOperationException($"the assertions let a failure pass: {text}");
    }
}
