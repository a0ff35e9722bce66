namespace Hatchery.Streaming.Transport;

/// <summary>What one connection may have under way before its socket is no longer read.</summary>
/// <param name="MaxRequests">Requests that wait for the disk.</param>
/// <param name="Budget">What all connections share; null for none.</param>
/// <param name="MaxBytes">Bytes of requests at the disk and of replies that the peer has not taken; one request more may exceed it.</param>
internal readonly record struct ConnectionLimits(int MaxRequests, long MaxBytes, ByteBudget? Budget = null);
