namespace Akka.TestKit;

/// <summary>Opens once it was counted down; the test waits for that.</summary>
public class TestLatch
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly CountdownEvent latch;
    private readonly Func<TimeSpan, TimeSpan> dilate;
    private readonly TimeSpan defaultTimeout;

    public TestLatch()
        : this(1) { }

    public TestLatch(int count)
        : this(count, DefaultTimeout) { }

    public TestLatch(int count, TimeSpan defaultTimeout)
        : this(static time => time, defaultTimeout, count) { }

    internal TestLatch(Func<TimeSpan, TimeSpan> dilate, TimeSpan defaultTimeout, int count)
    {
        latch = new CountdownEvent(count);
        this.dilate = dilate;
        this.defaultTimeout = defaultTimeout;
    }

    public bool IsOpen => latch.CurrentCount == 0;

    public void CountDown() => latch.Signal();

    /// <summary>Opens the latch whatever its count.</summary>
    public void Open()
    {
        while (!IsOpen)
            CountDown();
    }

    /// <summary>Closes the latch with its first count.</summary>
    public void Reset() => latch.Reset();

    /// <summary>Waits until the latch is open.</summary>
    /// <exception cref="TimeoutException">It is not in time.</exception>
    public void Ready() => Ready(defaultTimeout);

    /// <inheritdoc cref="Ready()"/>
    public void Ready(TimeSpan timeout)
    {
        if (timeout == TimeSpan.Zero)
            throw new ArgumentException("a latch cannot be waited for in no time", nameof(timeout));
        var limit = dilate(timeout);
        if (!latch.Wait(limit))
            throw new TimeoutException($"the latch is still at {latch.CurrentCount} after {limit}");
    }
}
