namespace Akka.TestKit;

/// <summary>Lets a number of threads go on together.</summary>
public class TestBarrier
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly TestKitBase testKit;
    private readonly int count;
    private readonly TimeSpan defaultTimeout;
    private Barrier barrier;

    public TestBarrier(TestKitBase testKit, int count, TimeSpan? defaultTimeout = null)
    {
        this.testKit = testKit;
        this.count = count;
        this.defaultTimeout = defaultTimeout ?? testKit.TestKitSettings.DefaultTimeout;
        barrier = new Barrier(count);
    }

    /// <summary>Waits until all have come.</summary>
    /// <exception cref="TimeoutException">They have not in time.</exception>
    public void Await() => Await(defaultTimeout);

    /// <inheritdoc cref="Await()"/>
    public void Await(TimeSpan timeout)
    {
        var limit = testKit.Dilated(timeout);
        if (!barrier.SignalAndWait(limit))
            throw new TimeoutException($"not all of {count} came to the barrier within {limit}");
    }

    /// <summary>Forgets who has come.</summary>
    public void Reset() => barrier = new Barrier(count);
}
