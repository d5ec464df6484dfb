using Federation.ApiServer;
using Microsoft.AspNetCore.Connections.Features;

namespace Federation.Hub;

/// <summary>What a hub does with callers while it stands by.</summary>
static class StandbyRouting
{
    extension(WebApplication app)
    {
        /// <summary>
        /// Ends the connection with the answer: callers keep one for long, and through a load balancer the next one leads to the
        /// hub that serves.
        /// </summary>
        public void UseLeaderOnly()
        {
            var store = app.Services.GetRequiredService<ObjectStore>();
            app.Use((context, next) =>
            {
                if (store.Standby is not null) context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
                return next(context);
            });
        }
    }
}
