using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>Decides on messages: one in, one or none out.</summary>
public interface IDhcpResponder
{
    /// <returns>The answer, or null to stay silent.</returns>
    /// <exception cref="System.Data.Common.DbException">The lease store is away; then silence is right too.</exception>
    Task<DhcpMessage?> AnswerAsync(DhcpArrival arrival, CancellationToken cancellation);
}
