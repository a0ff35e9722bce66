namespace Akka.Streams.Implementation.Stages;

/// <summary>Bounds what a stream may hold.</summary>
internal static class Limits
{
    public static StatefulSelectMany<T, T> Of<T>(long max, Func<T, long> cost) =>
        new(() =>
        {
            var left = max;
            return element =>
            {
                left -= cost(element);
                return left >= 0 ? [element] : throw new StreamLimitReachedException(max);
            };
        });
}
