using System.Runtime.CompilerServices;

namespace Akka.Streams.Implementation;

/// <summary>A sink queue that can be left before its end.</summary>
internal interface ICancelableSinkQueue
{
    void Cancel();
}

/// <summary>Streams seen as sequences.</summary>
internal static class StreamEnumerable
{
    /// <summary>Runs a stream for each enumeration; leaving the enumeration cancels it.</summary>
    public static async IAsyncEnumerable<T> Of<T>(
        Func<ISinkQueue<T>> run,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = run();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var next = await queue.PullAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!next.HasValue)
                    yield break;
                yield return next.Value;
            }
        }
        finally
        {
            ((ICancelableSinkQueue)queue).Cancel();
        }
    }
}
