using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>Decides on messages: one in, one or none out.</summary>
public interface IDhcpResponder
{
    /// <summary>Why a message gets no answer, one of a short list, before anything is done for it; null where it may get one.</summary>
    string? Refuses(DhcpArrival arrival);

    /// <returns>The answer, or null to stay silent.</returns>
    /// <exception cref="System.Data.Common.DbException">The lease store is away; then silence is right too.</exception>
    Task<DhcpMessage?> AnswerAsync(DhcpArrival arrival, CancellationToken cancellation);
}
