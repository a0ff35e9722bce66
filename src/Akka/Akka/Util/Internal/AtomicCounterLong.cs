namespace Akka.Util.Internal;

/// <summary>A 64-bit counter that any thread may move.</summary>
public class AtomicCounterLong
{
    private long _value;

    /// <summary>Starts at <paramref name="initialValue"/>.</summary>
    public AtomicCounterLong(long initialValue) => _value = initialValue;

    /// <summary>Starts at -1, so that the first <see cref="Next"/> gives 0.</summary>
    public AtomicCounterLong()
        : this(-1) { }

    /// <summary>The value now.</summary>
    public long Current => Interlocked.Read(ref _value);

    /// <summary>Adds 1 and gives the new value.</summary>
    public long Next() => Interlocked.Increment(ref _value);

    /// <summary>Adds 1 and gives the value before.</summary>
    public long GetAndIncrement() => Interlocked.Increment(ref _value) - 1;

    /// <summary>Adds 1 and gives the new value.</summary>
    public long IncrementAndGet() => Interlocked.Increment(ref _value);
}
