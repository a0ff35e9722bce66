using Hatchery.Boot.Files;
using Hatchery.Boot.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>Boot scripts, boot programs, kernels.</summary>
public static class BootEndpoints
{
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps <c>/boot.ipxe</c>, <c>/boot/{mac}</c>, <c>/ipxe/{file}</c> and <c>/vdisk/{file}</c>.</summary>
    /// <param name="servers">All servers that a machine may turn to, as they are now; none: only the one that was asked.</param>
    public static IEndpointRouteBuilder MapBoot(
        this IEndpointRouteBuilder routes,
        IBootDirectory directory,
        BootTimeline timeline,
        HttpBootSettings settings,
        ILoggerFactory loggers,
        Func<IReadOnlyList<BootServer>>? servers = null
    )
    {
        var scripts = new ScriptEndpoint(
            directory,
            settings,
            servers ?? (() => []),
            loggers.CreateLogger<ScriptEndpoint>()
        );
        var programs = BootPrograms.In(settings.ProgramFolder);
        var files = new BootFolder(settings.FileFolder);
        routes.MapMethods("/boot.ipxe", s_reading, scripts.Generic);
        routes.MapMethods("/boot/{mac}", s_reading, scripts.Own);
        routes.MapMethods("/ipxe/{file}", s_reading, (HttpContext context, string file) => Program(context, file));
        routes.MapMethods(
            "/vdisk/{**file}",
            s_reading,
            (HttpContext context, string? file) => Kernel(context, file ?? "")
        );
        return routes;

        BootContent? Open(string file) =>
            settings.FileNames.Contains(Path.GetFileName(file), StringComparer.Ordinal) ? files.TryOpen(file) : null;

        IResult Program(HttpContext context, string file) =>
            Send(context, programs.TryOpen(file), BootStep.BootstrapSent);

        IResult Kernel(HttpContext context, string file) =>
            Send(
                context,
                Open(file),
                file.EndsWith("/kernel", StringComparison.Ordinal) ? BootStep.KernelSent : BootStep.InitrdSent
            );

        IResult Send(HttpContext context, BootContent? content, BootStep step)
        {
            var isWhole = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Range.Count == 0;
            if (content is not null && isWhole && context.Connection.RemoteIpAddress.Unmapped() is { } client)
                context.Response.OnCompleted(() =>
                    context.RequestAborted.IsCancellationRequested
                        ? timeline.ReportAsync(client, BootStep.TransferFailed, $"{content.Name}: the machine ended it")
                        : timeline.ReportAsync(client, step, content.Name)
                );
            return BootEndpoints.Send(content);
        }
    }

    /// <summary>Ranges and conditions are ASP.NET's to answer; the tag is the file's length and time.</summary>
    private static IResult Send(BootContent? content)
    {
        if (content is null)
            return Results.NotFound();
        var tag = $"\"{content.LengthBytes:x}-{content.LastWriteUtc.Ticks:x}\"";
        return Results.Stream(
            new FileStream(content.Handle, FileAccess.Read, bufferSize: 0),
            "application/octet-stream",
            lastModified: new DateTimeOffset(content.LastWriteUtc, TimeSpan.Zero),
            entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue(tag),
            enableRangeProcessing: true
        );
    }
}
