"""What every domain stands on and what knows no domain: data, time, languages, web, jobs."""
