using System.Globalization;

namespace Hatchery.Benchmarks;

/// <summary>Requests in a second, and how long each took in microseconds; a flush costs time, and is no request.</summary>
/// <param name="ProcessorMicros">What this process, which has the server, used of the processor for each.</param>
internal sealed record Figures(
    long Requests,
    double PerSecond,
    double MedianMicros,
    double Percent99Micros,
    double ProcessorMicros
)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{PerSecond:f0}/s ({MedianMicros:f0} us, 99 %: {Percent99Micros:f0}; {ProcessorMicros:f1} us processor)"
        );
}
